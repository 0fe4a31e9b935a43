# frozen_string_literal: true

# json-jwt behind the adapter protocol.
#
# - `JSON::JWT.decode(token, key, algorithms)` checks the signature and parses; claims are left to the caller, so the
#   adapter judges issuer, audience, time and required claims, and has a clock.
# - A payload has to be a JSON object and is not handed back as it was signed, hence no `jws` and no `jws_json`.
# - A set selects by `kid` alone; one call knows one key or set, so several issuers are routed by the unverified `iss`.

require 'json'
require 'json/jwt'

HELLO = {
  protocol: 1,
  implementation: { name: 'json-jwt', version: Gem.loaded_specs['json-jwt']&.version.to_s, language: "Ruby #{RUBY_VERSION}" },
  features: %w[jwt jwks jwk pem der secret multi_issuer several clock],
  algorithms: %w[HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K],
  adapter_does: %w[json issuer_routing issuer audience time required_claims]
}.freeze

class Unsupported < StandardError; end
class Refused < StandardError; end

# One issuer's key and expectations.
class Issuer
  attr_reader :name

  def initialize(entry, policy)
    @name = entry['issuer']
    @key = key_of(*entry['keys'].first)
    @algorithms = (entry['algorithms'] || policy['algorithms'])&.map(&:to_sym)
    @audiences = entry['audiences'] || policy['audiences']
    @required = policy['required_claims'] || []
    @leeway = policy['leeway_s'] || 0
  end

  def verify(token, now)
    claims = JSON::JWT.decode(token, @key, @algorithms)
    judge(claims, now)
    claims
  end

  private

  def key_of(kind, value)
    case kind
    when 'jwks' then JSON::JWK::Set.new(JSON.parse(value))
    when 'jwks_b64' then JSON::JWK::Set.new(JSON.parse(value.unpack1('m')))
    when 'jwk' then JSON::JWK.new(JSON.parse(value))
    when 'pem' then OpenSSL::PKey.read(value)
    when 'der_b64' then OpenSSL::PKey.read(value.unpack1('m'))
    when 'secret_b64' then value.unpack1('m')
    else raise Unsupported, kind
    end
  end

  def judge(claims, now)
    @required.each { |name| raise Refused, "no #{name}" if claims[name].nil? }
    raise Refused, 'issuer' if @name && claims['iss'] != @name
    raise Refused, 'audience' if @audiences && (Array(claims['aud']) & @audiences).empty?
    raise Refused, 'expired' if claims.key?('exp') && seconds(claims['exp']) <= now - @leeway
    raise Refused, 'not valid yet' if claims.key?('nbf') && seconds(claims['nbf']) > now + @leeway
  end

  def seconds(value)
    value.is_a?(Numeric) ? value : raise(Refused, 'a time that is no number')
  end
end

def configure(policy)
  %w[token_type fetch].each { |member| raise Unsupported, member if policy[member] }
  policy['issuers'].map { |entry| Issuer.new(entry, policy) }
end

def route(issuers, token)
  return issuers.first if issuers.one?

  claimed = JSON::JWT.decode(token, :skip_verification)['iss']
  issuers.find { |issuer| issuer.name == claimed } or raise Refused, 'no such issuer'
end

def verify(issuers, request)
  return { unsupported: 'mode' } unless request['mode'] == 'jwt'

  token = request['token'] || request['token_b64'].unpack1('m')
  claims = route(issuers, token).verify(token, request['now'])
  { verdict: 'accept', claims: claims.slice('sub', 'iss', 'aud') }
rescue JSON::JWT::Exception, Refused => e
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
