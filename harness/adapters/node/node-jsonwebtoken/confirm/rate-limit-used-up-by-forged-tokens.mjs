// Forged tokens use up the rate limit, and honest ones are refused
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const jwksClient = require('jwks-rsa')
const jwt = require('jsonwebtoken')

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

const verify = (client => token => new Promise((resolve, reject) => jwt.verify(token,
  (header, callback) => client.getSigningKey(header.kid, (error, key) => callback(error, key?.getPublicKey())),
  (error, claims) => error ? reject(error) : resolve(claims))))(jwksClient({ jwksUri: uri, rateLimit: true, jwksRequestsPerMinute: 10 }))
for (let i = 0; i < 20; i++) await outcome(verify(mint(`unknown-${i}`)))
const seen = await outcome(verify(mint('a')))
console.log(`an honest token after 20 that name unknown keys: ${seen}`)
process.exit(seen === 'accepted' ? 1 : 0)
