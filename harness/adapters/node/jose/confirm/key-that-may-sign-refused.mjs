// a public key whose key_ops say that it may sign as well is refused
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
const { compactVerify, jwtVerify, errors } = await import('jose')
const verify = async (token, options) => (await jwtVerify(token, publicKey, options)).payload

const { createLocalJWKSet } = await import('jose')
const set = operations => createLocalJWKSet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', key_ops: operations }] })
const token = mint(b64(header), b64(claims))
await jwtVerify(token, set(['verify'])) // an honest one, or the rest says nothing
const error = await jwtVerify(token, set(['sign', 'verify'])).then(() => undefined, e => e)
console.log(String(error))
process.exit(error ? 0 : 1)
