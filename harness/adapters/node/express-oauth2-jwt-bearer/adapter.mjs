// express-oauth2-jwt-bearer, https://github.com/auth0/node-oauth2-jwt-bearer: the middleware `auth`, which is called here as Express would
//
// Peculiar: it is for key sets that are fetched, with jose 4 inside. Issuer and audience must be told, at most one algorithm can be. Several issuers
// are its `mcd` mode, which routes by itself. Every refusal is one InvalidTokenError, so that no outage is told from a bad signature.
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { auth, UnauthorizedError } from 'express-oauth2-jwt-bearer'
import { serve } from './protocol.mjs'

const { version } = JSON.parse(readFileSync(new URL('node_modules/express-oauth2-jwt-bearer/package.json', import.meta.url)))

const hello = () => ({
  protocol: 1,
  implementation: { name: 'express-oauth2-jwt-bearer', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jwks_uri', 'discovery', 'multi_issuer', 'several', 'concurrent'],
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES256K', 'ES384', 'ES512', 'EdDSA'],
  defaults: { leeway_s: 5, timeout_ms: 5000, max_age_s: 600, cooldown_s: 30, max_stale_s: 0 },
  declares: { on_outage: 'fail_closed', kid_required: 'if_several', unknown_kid: 'reject' },
})

const fetchOptions = ({ timeout_ms, max_age_s, cooldown_s, ca_file } = {}) => ({
  ...(timeout_ms && { timeoutDuration: timeout_ms }),
  ...(max_age_s && { cacheMaxAge: max_age_s * 1000 }),
  ...(cooldown_s !== undefined && { cooldownDuration: cooldown_s * 1000 }),
  ...(ca_file && { agent: new Agent({ ca: readFileSync(ca_file) }) }),
})

const effective = ({ timeout_ms = 5000, max_age_s = 600, cooldown_s = 30 } = {}) => ({ timeout_ms, max_age_s, cooldown_s, max_stale_s: 0 })

function middleware({ issuers, audiences, algorithms, leeway_s, fetch }) {
  const one = issuers.length === 1 ? issuers[0] : undefined
  const audience = one?.audiences ?? audiences
  const [alg] = one?.algorithms ?? algorithms ?? []
  const keys = ({ keys: { jwks_uri, discovery } }) => discovery ? { issuerBaseURL: discovery } : { jwksUri: jwks_uri }
  return auth({
    audience,
    ...(one ? { issuer: one.issuer, ...keys(one), tokenSigningAlg: alg }
      : { mcd: { issuers: issuers.map(each => ({ issuer: each.issuer, jwksUri: each.keys.jwks_uri, alg })) } }),
    ...(leeway_s !== undefined && { clockTolerance: leeway_s }),
    ...fetchOptions(fetch),
  })
}

const verifiers = new Map()

function configure({ verifier = 'main', policy }) {
  for (const member of ['required_claims', 'token_type']) if (policy[member]) return { ok: false, unsupported: member }
  for (const each of policy.issuers) {
    if (!each.keys.jwks_uri && !each.keys.discovery) return { ok: false, unsupported: Object.keys(each.keys)[0] }
    if (!each.issuer) return { ok: false, unsupported: 'issuer' }
    if (policy.issuers.length > 1 && (each.algorithms || each.audiences)) return { ok: false, unsupported: 'issuers' }
    if ((each.algorithms ?? policy.algorithms ?? []).length > 1) return { ok: false, unsupported: 'algorithms' }
    if (!(each.audiences ?? policy.audiences)) return { ok: false, unsupported: 'audiences' }
  }
  try {
    verifiers.set(verifier, middleware(policy))
  } catch (e) {
    return { ok: false, error: String(e) }
  }
  return { ok: true, effective: effective(policy.fetch) }
}

async function verify({ verifier = 'main', mode, token, token_b64 }) {
  const check = verifiers.get(verifier)
  if (!check) return { error: `no verifier ${verifier}` }
  if (mode !== 'jwt') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1') // as Node's http hands over a header
  const headers = { authorization: `Bearer ${token}`, host: 'api.test' }
  const request = { method: 'GET', url: '/', originalUrl: '/', protocol: 'https', host: 'api.test', headers, query: {}, body: {}, is: () => false, get: name => headers[name.toLowerCase()] }
  const refusal = await new Promise(resolve => check(request, {}, resolve).catch(escaped => resolve({ escaped })))
  if (!refusal) return { verdict: 'accept', claims: request.auth.payload }
  return refusal instanceof UnauthorizedError ? { verdict: 'reject', error: String(refusal) } : { crash: String(refusal.escaped ?? refusal) }
}

await serve({ hello, configure, verify })
