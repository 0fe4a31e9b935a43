// RS256 is verified under a key of 1024 bits
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

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const input = `${b64({ alg: 'RS256', kid: 'k' })}.${b64(claims)}`
const token = `${input}.${sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')}`
const seen = await (async () => jwt.verify(token, rsa.publicKey.export({ format: 'pem', type: 'spki' })))().then(() => true, () => false)
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
