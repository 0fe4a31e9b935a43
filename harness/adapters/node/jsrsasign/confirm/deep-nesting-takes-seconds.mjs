// a header of 100,000 nested arrays keeps it busy for seconds
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

const started = Date.now()
const token = mint(b64('{"alg":"ES256","x":' + '['.repeat(1e5) + ']'.repeat(1e5) + '}'), b64(claims))
await verify(token).catch(() => {})
const seconds = (Date.now() - started) / 1000
console.log(`${seconds} s`)
process.exit(seconds > 2 ? 0 : 1)
