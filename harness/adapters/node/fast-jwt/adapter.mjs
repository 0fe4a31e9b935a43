// fast-jwt, https://github.com/nearform/fast-jwt, with get-jwks for key sets, https://github.com/nearform/get-jwks
//
// Peculiar: keys of a set are found by get-jwks, wired to createVerifier as both READMEs show. It only ever fetches, so a set given by
// value stands at an address of its own, which is answered here. The clock is an option of the verifier: a new `now` is a new verifier.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Agent } from 'undici'
import { serve } from './protocol.mjs'

const require = createRequire(import.meta.url)
const { createDecoder, createVerifier, TokenError } = require('fast-jwt')
const { version } = require('fast-jwt/package.json')
const buildGetJwks = require('get-jwks')
const HMAC = ['HS256', 'HS384', 'HS512']
const RSA_AND_EC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']

const hello = () => ({
  protocol: 1,
  implementation: { name: 'fast-jwt', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jwks', 'jwks_uri', 'pem', 'secret', 'multi_issuer', 'token_type', 'several', 'clock', 'concurrent'],
  algorithms: { jwks: RSA_AND_EC, jwks_uri: RSA_AND_EC, pem: [...RSA_AND_EC, 'EdDSA'], secret: HMAC },
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519'],
  adapter_does: ['issuer_routing'],
  defaults: { leeway_s: 0, timeout_ms: 5000, max_age_s: 60, max_stale_s: 60, cooldown_s: 0 },
  declares: { on_outage: 'serve_stale' },
})

const sets = new Map() // address -> text of a JWK Set given by value
const network = globalThis.fetch
globalThis.fetch = (url, options) => sets.has(url) ? Promise.resolve(new Response(sets.get(url))) : network(url, options)

function keyFrom({ jwks, pem, secret_b64, jwks_uri }, fetch) {
  if (pem !== undefined) return pem
  if (secret_b64 !== undefined) return Buffer.from(secret_b64, 'base64')
  if (jwks !== undefined) {
    jwks_uri = `https://keys.invalid/${sets.size}`
    sets.set(jwks_uri, jwks)
  }
  if (jwks_uri === undefined) return
  const { origin, pathname, search } = new URL(jwks_uri)
  const client = buildGetJwks({ jwksPath: pathname + search, ...clientOptions(fetch) })
  return ({ header }) => client.getPublicKey({ kid: header.kid, alg: header.alg, domain: origin })
}

// `timeout` is what the documentation calls it; `fetchOptions` are those of Node's fetch, whose dispatcher takes a CA.
const clientOptions = ({ timeout_ms, max_age_s, ca_file } = {}) => ({
  ...(max_age_s && { ttl: max_age_s * 1000 }),
  ...(timeout_ms && { timeout: timeout_ms }),
  ...(ca_file && { fetchOptions: { dispatcher: new Agent({ connect: { ca: readFileSync(ca_file) } }) } }),
})

// A stale key serves for one `ttl` more.
const effective = ({ timeout_ms = 5000, max_age_s = 60 } = {}) => ({ timeout_ms, max_age_s, max_stale_s: max_age_s, cooldown_s: 0 })

const verifiers = new Map()

function configure({ verifier = 'main', policy, now }) {
  const issuers = []
  for (const { issuer, keys, algorithms = policy.algorithms, audiences = policy.audiences } of policy.issuers) {
    try {
      const key = keyFrom(keys, policy.fetch)
      if (key === undefined) return { ok: false, unsupported: Object.keys(keys)[0] }
      const options = { key, algorithms, allowedIss: issuer, allowedAud: audiences, requiredClaims: required(issuer, audiences, policy),
        checkTyp: policy.token_type, ...(policy.leeway_s && { clockTolerance: policy.leeway_s * 1000 }) }
      issuers.push({ issuer, options, at: now, check: createVerifier({ ...options, clockTimestamp: now * 1000 }) })
    } catch (e) {
      return { ok: false, error: describe(e) }
    }
  }
  verifiers.set(verifier, issuers)
  return { ok: true, ...(policy.issuers.some(({ keys }) => keys.jwks_uri) && { effective: effective(policy.fetch) }) }
}

// What is allowed is not thereby required ("By default, no claim is marked as required").
function required(issuer, audiences, { required_claims = [] }) {
  const claims = [...required_claims, ...(issuer ? ['iss'] : []), ...(audiences ? ['aud'] : [])]
  return claims.length ? claims : undefined
}

async function verify({ verifier = 'main', mode, token, token_b64, now }) {
  const issuers = verifiers.get(verifier)
  if (!issuers) return { error: `no verifier ${verifier}` }
  if (mode !== 'jwt') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64')
  try {
    const one = issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === decode(token).iss)
    if (!one) return { verdict: 'reject', error: 'adapter: no such issuer' }
    if (one.at !== now) Object.assign(one, { at: now, check: createVerifier({ ...one.options, clockTimestamp: now * 1000 }) })
    return { verdict: 'accept', claims: await one.check(token) }
  } catch (e) {
    if (!(e instanceof TokenError)) return { crash: describe(e) }
    return { verdict: noKeySet(e.originalError) ? 'unavailable' : 'reject', error: describe(e) }
  }
}

const decode = createDecoder()
const describe = e => `${e.code ?? e.name}: ${e.message}${e.originalError ? ` (${describe(e.originalError)})` : ''}`

// "No key set was obtained": a status, a body that is no JSON, or fetch's own TypeError.
const noKeySet = e => ['JWKS_REQUEST_FAILED', 'NO_JWKS'].includes(e?.code) || e instanceof SyntaxError || e?.message === 'fetch failed'

await serve({ hello, configure, verify })
