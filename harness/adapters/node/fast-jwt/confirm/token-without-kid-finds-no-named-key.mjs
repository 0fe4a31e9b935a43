// get-jwks finds no key for a token without kid where the keys have names, be it the only one
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
const { createVerifier, TokenError } = (await import('fast-jwt')).default
const pem = publicKey.export({ format: 'pem', type: 'spki' })
const verify = async (token, options) => createVerifier({ key: pem, algorithms: ['ES256'], ...options })(token)

const { default: buildGetJwks } = await import('get-jwks')
globalThis.fetch = async () => new Response(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] }))
const find = kid => buildGetJwks().getPublicKey({ kid, alg: 'ES256', domain: 'https://issuer.test/' })
await find('k') // an honest one, or the rest says nothing
const error = await find(undefined).then(() => undefined, e => e)
console.log(String(error))
process.exit(error ? 0 : 1)
