// jose, https://github.com/panva/jose
//
// Peculiar: keys come as objects, so the JSON of key sets is parsed here; importSPKI wants one algorithm, so
// a PEM (and a DER key, always) goes in as one of Node's own KeyObjects where the policy names none. A set with several keys that
// fit is jose's JWKSMultipleMatchingKeys: a refusal, as for a caller who does not catch it.
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import * as jose from 'jose'
import { Agent as Dispatcher, fetch } from 'undici'
import { serve } from './protocol.mjs'

const { version } = JSON.parse(readFileSync(new URL('node_modules/jose/package.json', import.meta.url)))
const webcrypto = parseInt(version) >= 6 // before 6 the keys were Node's KeyObjects, which know more curves
const HMAC = ['HS256', 'HS384', 'HS512']
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
  ...(webcrypto ? ['Ed25519'] : version.startsWith('5.10') ? ['Ed25519', 'ES256K'] : ['ES256K'])]

const hello = () => ({
  protocol: 1,
  implementation: { name: 'jose', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jws', 'jws_json', 'b64_false', 'jwks', 'jwk', 'pem', 'der', 'secret', 'jwks_uri', 'multi_issuer',
    'token_type', 'several', 'clock', 'concurrent'],
  algorithms: { jwks: ASYMMETRIC, jwks_uri: ASYMMETRIC, pem: ASYMMETRIC, der: ASYMMETRIC, secret: HMAC, jwk: [...ASYMMETRIC, ...HMAC] },
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519', ...(webcrypto ? [] : ['secp256k1', 'Ed448'])],
  adapter_does: ['json', 'issuer_routing'],
  defaults: { leeway_s: 0, timeout_ms: 5000, max_age_s: 600, cooldown_s: 30 },
  declares: { on_outage: 'fail_closed', kid_required: 'if_several', unknown_kid: 'reject' },
})

async function keyFrom({ jwks, jwk, pem, der_b64, secret_b64, jwks_uri }, algorithms, fetch = {}) {
  const alg = algorithms?.find(name => !HMAC.includes(name)) ?? algorithms?.[0]
  if (jwks !== undefined) return jose.createLocalJWKSet(JSON.parse(jwks))
  if (jwks_uri !== undefined) return jose.createRemoteJWKSet(new URL(jwks_uri), remoteOptions(fetch))
  if (jwk !== undefined) {
    const key = JSON.parse(jwk)
    return jose.importJWK(key, key.alg ?? alg)
  }
  if (pem !== undefined) {
    if (!alg) return createPublicKey(pem)
    return pem.startsWith('-----BEGIN CERTIFICATE') ? jose.importX509(pem, alg) : jose.importSPKI(pem, alg)
  }
  if (der_b64 !== undefined) return createPublicKey({ key: Buffer.from(der_b64, 'base64'), format: 'der', type: 'spki' })
  if (secret_b64 !== undefined) return new Uint8Array(Buffer.from(secret_b64, 'base64'))
}

const remoteOptions = ({ timeout_ms, max_age_s, cooldown_s, ca_file }) => ({
  timeoutDuration: timeout_ms,
  cacheMaxAge: max_age_s && max_age_s * 1000,
  cooldownDuration: cooldown_s === undefined ? undefined : cooldown_s * 1000,
  ...(ca_file && trusting(readFileSync(ca_file))),
})

// 6 fetches with Node's fetch, which takes no CA: its documentation puts undici's in place of it. Older ones take an agent.
function trusting(ca) {
  const dispatcher = new Dispatcher({ connect: { ca } })
  return webcrypto ? { [jose.customFetch]: (url, options) => fetch(url, { ...options, dispatcher }) } : { agent: new Agent({ ca }) }
}

const effective = ({ timeout_ms = 5000, max_age_s = 600, cooldown_s = 30 } = {}) =>
  ({ timeout_ms, max_age_s, cooldown_s, max_stale_s: 0 })

const verifiers = new Map()

async function configure({ verifier = 'main', policy }) {
  const issuers = []
  for (const { issuer, keys, algorithms = policy.algorithms, audiences = policy.audiences } of policy.issuers) {
    const key = await keyFrom(keys, algorithms, policy.fetch).catch(e => e)
    if (key === undefined) return { ok: false, unsupported: Object.keys(keys)[0] }
    if (key instanceof Error) return { ok: false, error: String(key) }
    issuers.push({ issuer, key, options: {
      algorithms, issuer, audience: audiences, requiredClaims: policy.required_claims,
      typ: policy.token_type, clockTolerance: policy.leeway_s,
    } })
  }
  verifiers.set(verifier, issuers)
  return { ok: true, ...(policy.issuers.some(({ keys }) => keys.jwks_uri) && { effective: effective(policy.fetch) }) }
}

async function verify({ verifier = 'main', mode, token, token_b64, detached_payload_b64, now }) {
  const issuers = verifiers.get(verifier)
  if (!issuers) return { error: `no verifier ${verifier}` }
  token ??= new Uint8Array(Buffer.from(token_b64, 'base64'))
  const detached = detached_payload_b64 && new Uint8Array(Buffer.from(detached_payload_b64, 'base64'))
  try {
    if (mode === 'jws') {
      const { payload } = await verifyJws(token, detached, issuers[0])
      return { verdict: 'accept', payload_b64: Buffer.from(payload).toString('base64') }
    }
    if (mode !== 'jwt') return { unsupported: 'mode' }
    const one = issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === jose.decodeJwt(token).iss)
    if (!one) return { verdict: 'reject', error: 'adapter: no such issuer' }
    const { payload } = await jose.jwtVerify(token, one.key, { ...one.options, currentDate: now && new Date(now * 1000) })
    return { verdict: 'accept', claims: payload }
  } catch (e) {
    if (noKeySet(e)) return { verdict: 'unavailable', error: `${e} ${e.cause ?? ''}` }
    return e instanceof jose.errors.JOSEError ? { verdict: 'reject', error: String(e) } : { crash: String(e) }
  }
}

// jose has one function for each serialization; an object is what the JSON ones take, and what a detached payload goes into.
function verifyJws(token, detached, { key, options: { algorithms } }) {
  if (typeof token === 'string' && token.trimStart().startsWith('{')) {
    let jws
    try { jws = JSON.parse(token) } catch (e) { throw new jose.errors.JWSInvalid(String(e)) }
    if (detached) jws.payload = detached
    return 'signatures' in jws ? jose.generalVerify(jws, key, { algorithms }) : jose.flattenedVerify(jws, key, { algorithms })
  }
  if (!detached) return jose.compactVerify(token, key, { algorithms })
  const [header, attached, signature] = token.split('.')
  if (attached) throw new jose.errors.JWSInvalid('adapter: attached and detached payload')
  return jose.flattenedVerify({ protected: header, payload: detached, signature }, key, { algorithms })
}

// "No key set was obtained": a timeout, a status, a body that is no key set, or fetch's own TypeError.
const noKeySet = e => ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC'].includes(e.code) ||
  e.code === 'ERR_JWKS_INVALID' && /malformed/.test(e.message) ||
  e.message === 'fetch failed' || e.syscall !== undefined

await serve({ hello, configure, verify })
