// an RS256 signature to which the modulus was added is taken
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
const { KEYUTIL, KJUR } = (await import('jsrsasign')).default
const key = KEYUTIL.getKey(publicKey.export({ format: 'pem', type: 'spki' }))
const verify = async (token, accept) => {
  if (!KJUR.jws.JWS.verifyJWT(token, key, { alg: ['ES256'], verifyAt: now, ...accept })) throw new Error('false')
}

const number = octets => BigInt('0x' + octets.toString('hex'))
let token
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const n = number(Buffer.from(rsa.publicKey.export({ format: 'jwk' }).n, 'base64url'))
for (let i = 0; token === undefined; i++) { // until the sum fits into 256 octets
  const input = `${b64({ alg: 'RS256' })}.${b64({ ...claims, i })}`
  const sum = (number(sign('sha256', Buffer.from(input), rsa.privateKey)) + n).toString(16).padStart(512, '0')
  if (sum.length === 512) token = `${input}.${Buffer.from(sum, 'hex').toString('base64url')}`
  if (i > 500) process.exit(2)
}
const rsaKey = KEYUTIL.getKey(rsa.publicKey.export({ format: 'pem', type: 'spki' }))
const seen = KJUR.jws.JWS.verifyJWT(token, rsaKey, { alg: ['RS256'], verifyAt: now })
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
