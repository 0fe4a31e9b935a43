// A key set of any size is read
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:https'
import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { SimpleFetcher } from 'aws-jwt-verify/https'

process.on('uncaughtException', e => { console.error(e); process.exit(2) })
setTimeout(() => { console.error('no end'); process.exit(2) }, 9000).unref()
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { publicKey, privateKey } = pair()
const setOf = (key, kid) => JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] })
const b64 = x => Buffer.from(JSON.stringify(x)).toString('base64url')
const mint = kid => {
  const input = `${b64({ alg: 'ES256', kid })}.${b64({ iss: 'https://issuer.test', sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
const outcome = promise => promise.then(() => 'accepted', e => `refused: ${e.message}`)
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNiEsHuEcJFAKVdC/
Edk/d6Z5N9rT116vrQDSEFfxeH2hRANCAATMoa0EGgyVj3kEmdx/Ovfn/S3MqCjn
w6lgbTK1WZlA0QyhX09KpoOqWDIk+STYOK73EXZCkzyN2t0qiYBhuofx
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUd2LuxEipWtqTlqJfk8aHJ2NCICswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA5NDQyNFoYDzIxMjYxMDMw
MDk0NDI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATMoa0EGgyVj3kEmdx/Ovfn/S3MqCjnw6lgbTK1WZlA0QyhX09KpoOq
WDIk+STYOK73EXZCkzyN2t0qiYBhuofxo2QwYjAdBgNVHQ4EFgQUPOeO3gPn3GYb
ni3w/+5OKcMugkAwHwYDVR0jBBgwFoAUPOeO3gPn3GYbni3w/+5OKcMugkAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQCSihqYHI7Du3ACiczn44yDCD4A4qRftx9S/O9LqhDmLAIhAIu3u2MEteV3r+8c
UrPeqGJ82FkjJlCkId0kJ1QJm1kZ
-----END CERTIFICATE-----`
const server = createServer({ key, cert }, (request, response) => response.end(`${setOf(publicKey, 'a').slice(0, -1)}${' '.repeat(16 << 20)}}`))
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const fetcher = new SimpleFetcher({ defaultRequestOptions: { ca: cert } })
const verifier = JwtVerifier.create({ issuer: 'https://issuer.test', audience: null, jwksUri: `https://127.0.0.1:${server.address().port}/jwks.json` },
  { jwksCache: new SimpleJwksCache({ fetcher }) })
const seen = await outcome(verifier.verify(mint('a')))
console.log(`a set of 16 MiB: ${seen}`)
process.exit(seen === 'accepted' ? 0 : 1)
