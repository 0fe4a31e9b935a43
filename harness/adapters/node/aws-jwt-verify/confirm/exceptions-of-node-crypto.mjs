// what Node's crypto throws reaches the caller
import { generateKeyPairSync, sign } from 'node:crypto'

process.on('uncaughtException', e => { console.error(e); process.exit(2) })
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const b64 = x => Buffer.from(typeof x === 'object' && !Buffer.isBuffer(x) ? JSON.stringify(x) : x).toString('base64url')
function mint(header, payload) {
  const input = `${header}.${payload}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
const now = Math.floor(Date.now() / 1000)
const header = { alg: 'ES256', kid: 'k' }
const claims = { iss: 'https://issuer.test', sub: 'alice', exp: now + 600 }
const { JwtVerifier } = await import('aws-jwt-verify')
const { JwtBaseError } = await import('aws-jwt-verify/error')
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
async function verify(token, { key = jwk, beside = [] } = {}) {
  const verifier = JwtVerifier.create({ issuer: 'https://issuer.test', audience: null, jwksUri: 'https://issuer.test/jwks' })
  verifier.cacheJwks({ keys: [key, ...beside] })
  return verifier.verify(token)
}

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const token = mint(b64(header), b64(claims)).slice(0, -2)
const error = await verify(token).then(() => undefined, e => e)
const seen = error !== undefined && !(error instanceof JwtBaseError)
console.log(String(error))
process.exit(seen ? 0 : 1)
