// HS256 is verified under a secret of 16 octets
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
const { verifyWithJwks } = await import('hono/jwt')
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k' }
const verify = (token, keys = [jwk]) => verifyWithJwks(token, { keys, allowedAlgorithms: ['ES256', 'ES384', 'ES512'] })

const secret = Buffer.alloc(16, 7)
const input = `${b64({ alg: 'HS256' })}.${b64(claims)}`
const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
const seen = await (async () => (await import('hono/jwt')).verify(token, { kty: 'oct', k: b64(secret) }, 'HS256'))().then(() => true, () => false)
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
