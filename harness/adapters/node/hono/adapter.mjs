// hono, https://github.com/honojs/hono: `verify` and `verifyWithJwks`, on which its middleware `jwt` and `jwk` stand
//
// Peculiar: the algorithm (for a set: a list) must be told. No clock, no leeway, no required claims. `jwks_uri` is fetched for every token,
// with the `init` that verifyWithJwks takes for it.
import { readFileSync } from 'node:fs'
import { decode, verify as verifyWithKey, verifyWithJwks } from 'hono/jwt'
import { Agent } from 'undici'
import { serve } from './protocol.mjs'

const { version } = JSON.parse(readFileSync(new URL('node_modules/hono/package.json', import.meta.url)))
const HMAC = ['HS256', 'HS384', 'HS512']
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

const hello = () => ({
  protocol: 1,
  implementation: { name: 'hono', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jwks', 'jwks_uri', 'jwk', 'pem', 'secret', 'multi_issuer', 'token_type', 'several', 'concurrent'],
  algorithms: { jwks: ASYMMETRIC, jwks_uri: ASYMMETRIC, jwk: [...ASYMMETRIC, ...HMAC], pem: ASYMMETRIC, secret: HMAC },
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519'],
  adapter_does: ['json', 'issuer_routing'],
  defaults: { leeway_s: 0, max_age_s: 0, cooldown_s: 0 },
  declares: { on_outage: 'fail_closed', kid_required: 'always', unknown_kid: 'reject' },
})

// What checks a token under these keys: one function for a set, one for a single key, which wants one algorithm.
function checkFrom({ jwks, jwks_uri, jwk, pem, secret_b64 }, algorithms, verification, fetch) {
  if (jwks !== undefined) {
    const { keys } = JSON.parse(jwks)
    return token => verifyWithJwks(token, { keys, allowedAlgorithms: algorithms, verification })
  }
  if (jwks_uri !== undefined) {
    const init = initFrom(fetch)
    return token => verifyWithJwks(token, { jwks_uri, allowedAlgorithms: algorithms, verification }, init())
  }
  const key = jwk !== undefined ? JSON.parse(jwk)
    : secret_b64 !== undefined ? { kty: 'oct', k: Buffer.from(secret_b64, 'base64').toString('base64url') }
    : pem
  const alg = algorithms.find(name => !HMAC.includes(name)) ?? algorithms[0]
  return key && (token => verifyWithKey(token, key, { alg, ...verification }))
}

// What Node's fetch is given: a signal for each fetch, and a dispatcher that trusts the CA.
function initFrom({ timeout_ms, ca_file } = {}) {
  const dispatcher = ca_file && new Agent({ connect: { ca: readFileSync(ca_file) } })
  return () => ({ ...(timeout_ms && { signal: AbortSignal.timeout(timeout_ms) }), ...(dispatcher && { dispatcher }) })
}

const effective = ({ timeout_ms } = {}) => ({ timeout_ms, max_age_s: 0, max_stale_s: 0, cooldown_s: 0 })

const verifiers = new Map()

function configure({ verifier = 'main', policy }) {
  for (const member of ['required_claims', 'leeway_s']) if (policy[member]) return { ok: false, unsupported: member }
  const issuers = []
  for (const { issuer, keys, algorithms = policy.algorithms, audiences = policy.audiences } of policy.issuers) {
    if (!algorithms) return { ok: false, unsupported: 'algorithms' }
    try {
      const check = checkFrom(keys, algorithms, { iss: issuer, aud: audiences, typ: policy.token_type }, policy.fetch)
      if (!check) return { ok: false, unsupported: Object.keys(keys)[0] }
      issuers.push({ issuer, check })
    } catch (e) {
      return { ok: false, error: String(e) }
    }
  }
  verifiers.set(verifier, issuers)
  return { ok: true, ...(policy.issuers.some(({ keys }) => keys.jwks_uri) && { effective: effective(policy.fetch) }) }
}

async function verify({ verifier = 'main', mode, token, token_b64 }) {
  const issuers = verifiers.get(verifier)
  if (!issuers) return { error: `no verifier ${verifier}` }
  if (mode !== 'jwt') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1') // as the Headers of a request hand it over
  try {
    const one = issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === decode(token).payload.iss)
    if (!one) return { verdict: 'reject', error: 'adapter: no such issuer' }
    return { verdict: 'accept', claims: await one.check(token) }
  } catch (e) {
    if (noKeySet(e)) return { verdict: 'unavailable', error: String(e) }
    return e.name.startsWith('Jwt') ? { verdict: 'reject', error: String(e) } : { crash: String(e) }
  }
}

// "No key set was obtained": hono's own plain Error, a body that is no JSON, or fetch's TypeError or the signal's error.
const noKeySet = e => e.constructor === Error && /JWKS/.test(e.message) || e instanceof SyntaxError || ['fetch failed', 'terminated'].includes(e.message) ||
  e.name === 'TimeoutError'

await serve({ hello, configure, verify })
