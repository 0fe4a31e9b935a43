// A key set is kept until a token names a key that it lacks
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
let serve = async () => setOf(publicKey, 'a')
const fetcher = { fetch: async () => { asked++; return new TextEncoder().encode(await serve()).buffer } }
const verifier = JwtVerifier.create({ issuer: 'https://issuer.test', audience: null, jwksUri: 'https://issuer.test/jwks.json' },
  { jwksCache: new SimpleJwksCache({ fetcher }) })
await verifier.verify(mint('a'))
serve = async () => setOf(pair().publicKey, 'b')
const { now } = Date
Date.now = () => now() + 300_000 // five minutes later
const seen = await outcome(verifier.verify(mint('a')))
console.log(`a key that was taken out of the set: ${seen}, after ${asked} fetch`)
process.exit(seen === 'accepted' && asked === 1 ? 0 : 1)
