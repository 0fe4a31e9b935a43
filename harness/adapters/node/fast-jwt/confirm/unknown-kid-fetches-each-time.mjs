// Each unknown kid is a fetch
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { createVerifier } = require('fast-jwt')
const buildGetJwks = require('get-jwks')

process.on('uncaughtException', e => { console.error(e); process.exit(2) })
setTimeout(() => { console.error('no end'); process.exit(2) }, 9000).unref()
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const SET = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'ES256' }] })
const b64 = x => Buffer.from(JSON.stringify(x)).toString('base64url')
const mint = kid => {
  const input = `${b64({ alg: 'ES256', kid })}.${b64({ sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
let asked = 0
let respond = response => response.end(SET)
const server = createServer((request, response) => { asked++; respond(response) })
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const uri = `http://127.0.0.1:${server.address().port}/jwks.json`
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const outcome = promise => promise.then(() => 'accepted', e => `refused: ${e.message}`)

const verify = (client => createVerifier({
  key: ({ header }) => client.getPublicKey({ kid: header.kid, alg: header.alg, domain: new URL(uri).origin }),
}))(buildGetJwks({ jwksPath: '/jwks.json' }))
await verify(mint('a'))
for (let i = 0; i < 20; i++) await outcome(verify(mint(`unknown-${i}`)))
console.log(`${asked} fetches for one honest token and 20 that name unknown keys`)
process.exit(asked >= 20 ? 0 : 1)
