// jwks-rsa passes over a public key whose key_ops say that it may sign as well
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
const { default: jwt } = await import('jsonwebtoken')
const pem = publicKey.export({ format: 'pem', type: 'spki' })
const verify = async (token, options = { algorithms: ['ES256'] }) => jwt.verify(token, pem, options)

const { default: jwksClient } = await import('jwks-rsa')
const client = operations => jwksClient({ jwksUri: 'https://keys.invalid/', fetcher: async () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', key_ops: operations }] }) })
await client(['verify']).getSigningKey('k') // an honest one, or the rest says nothing
const error = await client(['sign', 'verify']).getSigningKey('k').then(() => undefined, e => e)
console.log(String(error))
process.exit(error ? 0 : 1)
