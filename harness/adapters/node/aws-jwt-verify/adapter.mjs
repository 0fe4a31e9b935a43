// aws-jwt-verify, https://github.com/awslabs/aws-jwt-verify
//
// Peculiar: it knows key sets only, and fetches them over https only; a set given by value comes out of a `fetcher` of ours and is parsed by the
// library. Issuer and audience must be told, `null` being its word for "not asked". There is no allow-list: customJwtCheck stands in.
import { readFileSync } from 'node:fs'
import { JwtVerifier } from 'aws-jwt-verify'
import { FetchError, JwksValidationError, JwtBaseError, JwtInvalidSignatureAlgorithmError } from 'aws-jwt-verify/error'
import { SimpleFetcher } from 'aws-jwt-verify/https'
import { SimpleJwksCache, SimplePenaltyBox } from 'aws-jwt-verify/jwk'
import { serve } from './protocol.mjs'

const { version } = JSON.parse(readFileSync(new URL('node_modules/aws-jwt-verify/package.json', import.meta.url)))

const hello = () => ({
  protocol: 1,
  implementation: { name: 'aws-jwt-verify', version, language: `Node ${process.versions.node}` },
  features: ['jwt', 'jwks', 'jwks_uri', 'multi_issuer', 'several', 'concurrent'],
  algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  curves: ['P-256', 'P-384', 'P-521', 'Ed25519', 'Ed448'],
  adapter_does: ['allow_list'],
  defaults: { leeway_s: 0, timeout_ms: 3000, cooldown_s: 10 },
  declares: { on_outage: 'serve_stale', kid_required: 'always', unknown_kid: 'reject' },
})

// jwksUri -> bytes of the sets given by value; the others are fetched by the library's own fetcher.
function jwksCache(sets, { timeout_ms, cooldown_s, ca_file } = {}) {
  const network = new SimpleFetcher({ defaultRequestOptions: {
    ...(timeout_ms && { responseTimeout: timeout_ms }),
    ...(ca_file && { ca: readFileSync(ca_file) }),
  } })
  return new SimpleJwksCache({
    fetcher: { fetch: async uri => sets.get(uri) ?? network.fetch(uri) },
    penaltyBox: new SimplePenaltyBox({ waitSeconds: cooldown_s }),
  })
}

// A set never grows old here, whatever the response says: max_age_s and max_stale_s have no counterpart.
const effective = ({ timeout_ms = 3000, cooldown_s = 10 } = {}) => ({ timeout_ms, cooldown_s })

const verifiers = new Map()

async function configure({ verifier = 'main', policy }) {
  for (const member of ['required_claims', 'token_type']) if (policy[member]) return { ok: false, unsupported: member }
  const sets = new Map()
  const properties = []
  for (const { issuer = null, keys, algorithms = policy.algorithms, audiences = policy.audiences ?? null } of policy.issuers) {
    const { jwks, jwks_b64, jwks_uri } = keys
    const jwksUri = jwks_uri ?? `https://keys.invalid/${sets.size}`
    if (jwks !== undefined) sets.set(jwksUri, Buffer.from(jwks))
    else if (jwks_b64 !== undefined) sets.set(jwksUri, Buffer.from(jwks_b64, 'base64'))
    else if (jwks_uri?.startsWith('http:')) return { ok: false, error: 'the library fetches over https only' }
    else if (jwks_uri === undefined) return { ok: false, unsupported: Object.keys(keys)[0] }
    properties.push({ issuer, audience: audiences, jwksUri, graceSeconds: policy.leeway_s,
      ...(algorithms && { customJwtCheck: ({ header }) => allow(header.alg, algorithms) }) })
  }
  try {
    const made = JwtVerifier.create(properties.length === 1 ? properties[0] : properties, { jwksCache: jwksCache(sets, policy.fetch) })
    if (sets.size) await made.hydrate()
    verifiers.set(verifier, made)
  } catch (e) {
    return { ok: false, error: String(e) }
  }
  return { ok: true, ...(policy.issuers.some(({ keys }) => keys.jwks_uri) && { effective: effective(policy.fetch) }) }
}

function allow(alg, algorithms) {
  if (!algorithms.includes(alg)) throw new JwtInvalidSignatureAlgorithmError('adapter: not in the allow-list', alg, algorithms)
}

async function verify({ verifier = 'main', mode, token, token_b64 }) {
  const made = verifiers.get(verifier)
  if (!made) return { error: `no verifier ${verifier}` }
  if (mode !== 'jwt') return { unsupported: 'mode' }
  token ??= Buffer.from(token_b64, 'base64').toString('latin1') // as Node's http hands over a header
  try {
    return { verdict: 'accept', claims: await made.verify(token) }
  } catch (e) {
    if (e instanceof FetchError || e instanceof JwksValidationError) return { verdict: 'unavailable', error: describe(e) }
    return e instanceof JwtBaseError ? { verdict: 'reject', error: describe(e) } : { crash: describe(e) }
  }
}

const describe = e => `${e.constructor.name}: ${e.message}`

await serve({ hello, configure, verify })
