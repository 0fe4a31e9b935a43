// jsrsasign, https://github.com/kjur/jsrsasign
//
// Peculiar: it takes one key at a time, so the set is parsed and the key found by `kid` here (the only key where the token names none).
// verifyJWT insists on a list of algorithms. It answers `false`, or throws a string or a plain Error: all three are refusals.
import { createRequire } from 'node:module'
import { serve } from './protocol.mjs'

const require = createRequire(import.meta.url)
const { KEYUTIL, KJUR: { jws: { JWS } }, b64utohex } = require('jsrsasign')
const { version } = require('jsrsasign/package.json')
const HMAC = ['HS256', 'HS384', 'HS512']
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']

const hello = () => ({
  protocol: 1,
  implementation: { name: 'jsrsasign', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jws', 'jwks', 'jwk', 'pem', 'secret', 'multi_issuer', 'several', 'clock'],
  algorithms: { jwks: ASYMMETRIC, jwk: ASYMMETRIC, pem: ASYMMETRIC, secret: HMAC },
  curves: ['P-256', 'P-384', 'P-521'],
  adapter_does: ['json', 'key_selection', 'issuer_routing'],
  defaults: { leeway_s: 0 },
})

function keysFrom({ jwks, jwk, pem, secret_b64 }) {
  if (pem !== undefined) return only(KEYUTIL.getKey(pem))
  if (jwk !== undefined) return only(KEYUTIL.getKey(JSON.parse(jwk)))
  if (secret_b64 !== undefined) return only({ b64: secret_b64 })
  if (jwks === undefined) return
  const { keys } = JSON.parse(jwks)
  if (!Array.isArray(keys)) throw new TypeError('adapter: `keys` is no array')
  return header => {
    const kid = header?.kid
    const found = kid === undefined && keys.length === 1 ? keys[0] : keys.find(key => kid !== undefined && key?.kid === kid)
    if (!found) throw 'adapter: no such key'
    return KEYUTIL.getKey(found)
  }
}

const only = key => () => key

const verifiers = new Map()

function configure({ verifier = 'main', policy }) {
  for (const member of ['required_claims', 'token_type']) if (policy[member]) return { ok: false, unsupported: member }
  const issuers = []
  for (const { issuer, keys, algorithms = policy.algorithms, audiences = policy.audiences } of policy.issuers) {
    if (!algorithms) return { ok: false, unsupported: 'algorithms' }
    try {
      const keyOf = keysFrom(keys)
      if (!keyOf) return { ok: false, unsupported: Object.keys(keys)[0] }
      issuers.push({ issuer, keyOf, accept: {
        alg: algorithms, iss: issuer && [issuer], aud: audiences, gracePeriod: policy.leeway_s,
      } })
    } catch (e) {
      return { ok: false, error: String(e) }
    }
  }
  verifiers.set(verifier, issuers)
  return { ok: true }
}

function verify({ verifier = 'main', mode, token, token_b64, now }) {
  const issuers = verifiers.get(verifier)
  if (!issuers) return { error: `no verifier ${verifier}` }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1')
  try {
    const { headerObj, payloadObj } = JWS.parse(token)
    const one = issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === payloadObj?.iss)
    if (!one) return { verdict: 'reject', error: 'adapter: no such issuer' }
    const key = one.keyOf(headerObj)
    if (mode === 'jws') {
      if (!JWS.verify(token, key, one.accept.alg)) return { verdict: 'reject', error: 'false' }
      return { verdict: 'accept', payload_b64: Buffer.from(b64utohex(token.split('.')[1]), 'hex').toString('base64') }
    }
    if (mode !== 'jwt') return { unsupported: 'mode' }
    if (!JWS.verifyJWT(token, key, { ...one.accept, verifyAt: now })) return { verdict: 'reject', error: 'false' }
    return { verdict: 'accept', claims: payloadObj }
  } catch (e) {
    return typeof e === 'string' || e.constructor === Error ? { verdict: 'reject', error: String(e) } : { crash: String(e) }
  }
}

await serve({ hello, configure, verify })
