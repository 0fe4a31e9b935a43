// characters outside the alphabet are passed over in base64url
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
const { JWK, JWS } = (await import('node-jose')).default
const verifier = JWS.createVerify(await JWK.asKey({ ...publicKey.export({ format: 'jwk' }), kid: 'k' }), { algorithms: ['ES256'] })
const verify = token => verifier.verify(token)

await verify(mint(b64(header), b64(claims))) // an honest one, or the rest says nothing
const token = mint(b64(header) + '!!', b64(claims))
const seen = await verify(token).then(() => true, () => false)
console.log(seen ? 'accepted' : 'refused')
process.exit(seen ? 0 : 1)
