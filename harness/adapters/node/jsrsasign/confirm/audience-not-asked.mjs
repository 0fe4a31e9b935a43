// a token for somebody else is taken where no audience is configured
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

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const token = mint(b64(header), b64({ ...claims, aud: 'https://somebody.else' }))
const seen = await verify(token).then(() => true, () => false)
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
