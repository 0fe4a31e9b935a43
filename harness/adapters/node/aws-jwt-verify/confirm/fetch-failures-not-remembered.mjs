// A fetch that failed is tried again for each token
import { generateKeyPairSync, sign } from 'node:crypto'
import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'

process.on('uncaughtException', e => { console.error(e); process.exit(2) })
setTimeout(() => { console.error('no end'); process.exit(2) }, 9000).unref()
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { publicKey, privateKey } = pair()
const setOf = (key, kid) => JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] })
const b64 = x => Buffer.from(JSON.stringify(x)).toString('base64url')
const mint = kid => {
  const input = `${b64({ alg: 'ES256', kid })}.${b64({ iss: 'https://issuer.test', sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
const outcome = promise => promise.then(() => 'accepted', e => `refused: ${e.message}`)
let asked = 0
const fetcher = { fetch: async () => { asked++; throw new Error('503') } }
const verifier = JwtVerifier.create({ issuer: 'https://issuer.test', audience: null, jwksUri: 'https://issuer.test/jwks.json' },
  { jwksCache: new SimpleJwksCache({ fetcher }) })
for (let i = 0; i < 20; i++) await outcome(verifier.verify(mint('a')))
console.log(`${asked} fetches for 20 tokens while the endpoint answers 503`)
process.exit(asked >= 20 ? 0 : 1)
