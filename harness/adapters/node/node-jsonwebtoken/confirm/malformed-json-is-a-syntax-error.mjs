// a payload that is no JSON ends in a SyntaxError, no JsonWebTokenError
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

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const token = mint(b64({ ...header, typ: 'JWT' }), b64('{x}'))
const error = await verify(token).then(() => undefined, e => e)
const seen = error !== undefined && !(error instanceof jwt.JsonWebTokenError)
console.log(String(error))
process.exit(seen ? 0 : 1)
