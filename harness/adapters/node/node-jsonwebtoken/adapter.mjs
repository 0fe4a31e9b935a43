// jsonwebtoken, https://github.com/auth0/node-jsonwebtoken, with jwks-rsa for key sets, https://github.com/auth0/node-jwks-rsa
//
// Peculiar: keys of a set are found by jwks-rsa, wired to verify() as both READMEs show. A set given by value goes through its `fetcher`.
// There is no option for required claims or `typ`, and payloads come parsed: no `jws`. Releases before 8.5 take no key callback and no clock.
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import { serve } from './protocol.mjs'

const require = createRequire(import.meta.url)
const jwt = require('jsonwebtoken')
const { version } = require('jsonwebtoken/package.json')
const modern = parseInt(version) >= 8
const jwksClient = modern && require('jwks-rsa')
const HMAC = ['HS256', 'HS384', 'HS512']
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', ...(modern ? ['PS256', 'PS384', 'PS512'] : [])]

const hello = () => ({
  protocol: 1,
  implementation: { name: 'jsonwebtoken', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'pem', 'secret', 'multi_issuer', 'several', ...(modern ? ['jwks', 'jwks_uri', 'clock', 'concurrent'] : [])],
  algorithms: { jwks: ASYMMETRIC, jwks_uri: ASYMMETRIC, pem: ASYMMETRIC, secret: HMAC },
  curves: ['P-256', 'P-384', 'P-521'],
  adapter_does: ['json', 'issuer_routing'],
  defaults: { leeway_s: 0, timeout_ms: 30000, max_age_s: 600, max_stale_s: 0, cooldown_s: 0 },
  declares: { on_outage: 'serve_stale', kid_required: 'if_several', unknown_kid: 'reject' },
})

function keyFrom({ jwks, pem, secret_b64, jwks_uri }, fetch = {}) {
  if (pem !== undefined) return pem
  // A secret that was left empty is '' to its user (CVE-2022-23540), not an empty Buffer.
  if (secret_b64 !== undefined) return secret_b64 && Buffer.from(secret_b64, 'base64')
  if (!modern) return
  if (jwks_uri !== undefined) return signingKey(jwksClient({ jwksUri: jwks_uri, ...clientOptions(fetch) }))
  if (jwks === undefined) return
  const set = JSON.parse(jwks)
  return signingKey(jwksClient({ jwksUri: 'https://keys.invalid/', fetcher: async () => set }))
}

const signingKey = client => (header, callback) =>
  client.getSigningKey(header.kid, (error, key) => callback(error, key?.getPublicKey()))

// The rate limit is a bucket: that many fetches a minute, which may come at once; ten is jwks-rsa's own number.
const clientOptions = ({ timeout_ms, max_age_s, max_stale_s, cooldown_s, ca_file }) => ({
  ...(timeout_ms && { timeout: timeout_ms }),
  ...(max_age_s && { cacheMaxAge: max_age_s * 1000 }),
  ...(max_stale_s && { cacheMaxAgeFallback: max_stale_s * 1000 }),
  ...(cooldown_s && { rateLimit: true, jwksRequestsPerMinute: Math.min(10, Math.max(1, Math.floor(60 / cooldown_s))) }),
  ...(ca_file && { requestAgent: new Agent({ ca: readFileSync(ca_file) }) }),
})

const effective = ({ timeout_ms = 30000, max_age_s = 600, max_stale_s = 0 } = {}) =>
  ({ timeout_ms, max_age_s, max_stale_s, cooldown_s: 0 })

const verifiers = new Map()

function configure({ verifier = 'main', policy }) {
  for (const member of ['required_claims', 'token_type', ...(modern ? [] : ['leeway_s'])]) {
    if (policy[member]) return { ok: false, unsupported: member }
  }
  const issuers = []
  for (const { issuer, keys, algorithms = policy.algorithms, audiences = policy.audiences } of policy.issuers) {
    let key
    try { key = keyFrom(keys, policy.fetch) } catch (e) { return { ok: false, error: String(e) } }
    if (key === undefined) return { ok: false, unsupported: Object.keys(keys)[0] }
    const options = { algorithms, issuer, audience: audiences, clockTolerance: policy.leeway_s }
    issuers.push({ issuer, key, options: JSON.parse(JSON.stringify(options)) }) // 4.x and 8.x mistake `undefined` for a value
  }
  verifiers.set(verifier, issuers)
  return { ok: true, ...(policy.issuers.some(({ keys }) => keys.jwks_uri) && { effective: effective(policy.fetch) }) }
}

async function verify({ verifier = 'main', mode, token, token_b64, now }) {
  const issuers = verifiers.get(verifier)
  if (!issuers) return { error: `no verifier ${verifier}` }
  if (mode !== 'jwt') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1') // as Node's http hands over a header
  let outage = false
  try {
    const one = issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === jwt.decode(token)?.iss)
    if (!one) return { verdict: 'reject', error: 'adapter: no such issuer' }
    const options = { ...one.options, ...(modern && now && { clockTimestamp: now }) }
    const claims = typeof one.key !== 'function' ? jwt.verify(token, one.key, options) : await new Promise((resolve, reject) => {
      const key = (header, callback) => one.key(header, (error, found) => {
        outage = error?.isEndpointUnavailable === true || error?.name === 'JwksRateLimitError'
        callback(error, found)
      })
      jwt.verify(token, key, options, (error, payload) => error ? reject(error) : resolve(payload))
    })
    return { verdict: 'accept', claims }
  } catch (e) {
    if (outage) return { verdict: 'unavailable', error: String(e) }
    return e instanceof jwt.JsonWebTokenError ? { verdict: 'reject', error: String(e) } : { crash: String(e) }
  }
}

await serve({ hello, configure, verify })
