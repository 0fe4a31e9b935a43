// What the response says of its freshness is ignored
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { auth } from 'express-oauth2-jwt-bearer'

process.on('uncaughtException', e => { console.error(e); process.exit(2) })
setTimeout(() => { console.error('no end'); process.exit(2) }, 9000).unref()
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const SET = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'ES256' }] })
const b64 = x => Buffer.from(JSON.stringify(x)).toString('base64url')
const mint = kid => {
  const input = `${b64({ alg: 'ES256', kid })}.${b64({ iss: 'https://issuer.test', aud: 'https://api.test', sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
let asked = 0
let respond = response => response.end(SET)
const server = createServer((request, response) => { asked++; respond(response) })
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const uri = `http://127.0.0.1:${server.address().port}/jwks.json`
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const outcome = promise => promise.then(() => 'accepted', e => `refused: ${e.message}`)

const verify = (check => token => new Promise((resolve, reject) => {
  const headers = { authorization: `Bearer ${token}`, host: 'api.test' }
  check({ method: 'GET', url: '/', protocol: 'https', headers, is: () => false, get: name => headers[name.toLowerCase()] }, {},
    error => error ? reject(error) : resolve())
}))(auth({ audience: 'https://api.test', jwksUri: uri, issuer: 'https://issuer.test' }))
respond = response => response.setHeader('Cache-Control', 'max-age=1').end(SET)
await verify(mint('a'))
await sleep(2000)
await verify(mint('a'))
console.log(`${asked} fetches, the second token 2 s after a response with max-age=1`)
process.exit(asked === 1 ? 0 : 1)
