# frozen_string_literal: true

# ruby-jwt behind the adapter protocol.
#
# - `JWT.decode(token, key, true, options)` does everything; a key set goes in as `jwks:`, parsed as the README does.
# - One call knows one key set, so several issuers are routed by the unverified `iss` to one configuration each.
# - There is no clock to set, no `typ` to demand, and a payload that is not JSON cannot be verified (hence no `jws`).
# - EdDSA wants RbNaCl key objects that neither a JWK nor a PEM becomes, so it is not listed.

require 'json'
require 'jwt'

HELLO = {
  protocol: 1,
  implementation: { name: 'ruby-jwt', version: JWT.gem_version.to_s, language: "Ruby #{RUBY_VERSION}" },
  features: %w[jwt jwks jwk pem der secret multi_issuer several],
  algorithms: %w[HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512],
  adapter_does: %w[json issuer_routing],
  defaults: { leeway_s: 0 }
}.freeze

class Unsupported < StandardError; end

# One issuer's key and options, as a caller of `JWT.decode` would hold them.
class Issuer
  attr_reader :name

  def initialize(entry, policy)
    @name = entry['issuer']
    @options = {}
    @key = nil
    load_key(entry['keys'])
    algorithms = entry['algorithms'] || policy['algorithms']
    audiences = entry['audiences'] || policy['audiences']
    @options[:algorithms] = algorithms if algorithms
    @options.merge!(iss: @name, verify_iss: true) if @name
    @options.merge!(aud: audiences, verify_aud: true) if audiences
    @options[:required_claims] = policy['required_claims'] if policy['required_claims']
    @options[:leeway] = policy['leeway_s'] if policy['leeway_s']
  end

  def claims_of(token)
    JWT.decode(token, @key, true, @options).first
  end

  private

  def load_key(keys)
    kind, value = keys.first
    case kind
    when 'jwks' then @options[:jwks] = JSON.parse(value)
    when 'jwks_b64' then @options[:jwks] = JSON.parse(value.unpack1('m'))
    when 'jwk' then @key = JWT::JWK.import(JSON.parse(value)).keypair
    when 'pem' then @key = OpenSSL::PKey.read(value)
    when 'der_b64' then @key = OpenSSL::PKey.read(value.unpack1('m'))
    when 'secret_b64' then @key = value.unpack1('m')
    else raise Unsupported, kind
    end
  end
end

def configure(policy)
  %w[token_type fetch].each { |member| raise Unsupported, member if policy[member] }
  policy['issuers'].map { |entry| Issuer.new(entry, policy) }
end

def route(issuers, token)
  return issuers.first if issuers.one?

  claimed = JWT.decode(token, nil, false).first['iss']
  issuers.find { |issuer| issuer.name == claimed } or raise JWT::InvalidIssuerError, "no issuer #{claimed.inspect}"
end

def verify(issuers, request)
  return { unsupported: 'mode' } unless request['mode'] == 'jwt'

  token = request['token'] || request['token_b64'].unpack1('m')
  claims = route(issuers, token).claims_of(token)
  { verdict: 'accept', claims: claims.is_a?(Hash) ? claims.slice('sub', 'iss', 'aud') : {} }
rescue JWT::DecodeError => e
  { verdict: 'reject', error: text(e) }
end

# The message may quote the token, so it is made into UTF-8 before it is written as JSON.
def text(exception)
  "#{exception.class}: #{exception.message}".dup.force_encoding('UTF-8').scrub[0, 500]
end

def answer(request, verifiers)
  name = request['verifier'] || 'main'
  case request['op']
  when 'hello' then HELLO
  when 'configure'
    verifiers.delete(name)
    verifiers[name] = configure(request['policy'])
    { ok: true }
  when 'verify'
    verifiers[name] ? verify(verifiers[name], request) : { error: 'verify before configure' }
  else { unsupported: 'op' }
  end
rescue Unsupported => e
  { ok: false, unsupported: e.message }
rescue StandardError, SystemStackError, ScriptError => e
  # While configuring, the library or its parser refuses the key; while verifying, this reaches the library's caller.
  request['op'] == 'configure' ? { ok: false, error: text(e) } : { crash: text(e) }
end

def line(reply)
  JSON.generate(reply)
rescue JSON::JSONError, EncodingError
  JSON.generate(reply.reject { |member, _| member == :claims })
end

$stdin.set_encoding('UTF-8')
$stdout.sync = true
verifiers = {}
while (input = $stdin.gets)
  request = JSON.parse(input)
  puts line({ id: request['id'] }.merge(answer(request, verifiers)))
end
