// node-jose, https://github.com/cisco/node-jose
//
// Peculiar: it checks signatures and hands the payload back, no claims; so there is no `jwt` here. Its refusals are plain Errors. It takes the
// JSON serializations as objects, so their text is parsed here.
import { createRequire } from 'node:module'
import { serve } from './protocol.mjs'

const require = createRequire(import.meta.url)
const { JWK, JWS } = require('node-jose')
const { version } = require('node-jose/package.json')

const hello = () => ({
  protocol: 1,
  implementation: { name: 'node-jose', version, language: `Node ${process.versions.node}` },
  features: ['jws', 'jws_json', 'jwks', 'jwk', 'pem', 'der', 'secret', 'several'],
  algorithms: ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  curves: ['P-256', 'P-384', 'P-521'],
})

async function keyFrom({ jwks, jwk, pem, der_b64, secret_b64 }) {
  if (jwks !== undefined) return JWK.asKeyStore(jwks)
  if (jwk !== undefined) return JWK.asKey(jwk, 'json')
  if (pem !== undefined) return JWK.asKey(pem, 'pem')
  if (der_b64 !== undefined) return JWK.asKey(Buffer.from(der_b64, 'base64'), 'spki')
  if (secret_b64 !== undefined) return JWK.asKey({ kty: 'oct', k: Buffer.from(secret_b64, 'base64').toString('base64url') })
}

const verifiers = new Map()

async function configure({ verifier = 'main', policy: { issuers, ...policy } }) {
  if (issuers.length > 1) return { ok: false, unsupported: 'multi_issuer' }
  const [{ keys, algorithms = policy.algorithms }] = issuers
  try {
    const key = await keyFrom(keys)
    if (key === undefined) return { ok: false, unsupported: Object.keys(keys)[0] }
    verifiers.set(verifier, JWS.createVerify(key, algorithms && { algorithms }))
    return { ok: true }
  } catch (e) {
    return { ok: false, error: String(e) }
  }
}

async function verify({ verifier = 'main', mode, token, token_b64 }) {
  const made = verifiers.get(verifier)
  if (!made) return { error: `no verifier ${verifier}` }
  if (mode !== 'jws') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1')
  let jws = token
  if (token.trimStart().startsWith('{')) {
    try { jws = JSON.parse(token) } catch (e) { return { verdict: 'reject', error: `adapter: ${e}` } }
  }
  try {
    const { payload } = await made.verify(jws)
    return { verdict: 'accept', payload_b64: payload.toString('base64') }
  } catch (e) {
    return e.constructor === Error ? { verdict: 'reject', error: String(e) } : { crash: String(e) }
  }
}

await serve({ hello, configure, verify })
