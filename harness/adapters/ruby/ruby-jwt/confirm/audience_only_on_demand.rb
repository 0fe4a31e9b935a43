# frozen_string_literal: true

require 'jwt'
require 'base64'

KEY = 'a-secret-of-thirty-two-octets-ok'

def b64(octets) = Base64.urlsafe_encode64(octets, padding: false)

# An HS256 token over these very texts.
def token(header, payload)
  input = "#{b64(header)}.#{b64(payload)}"
  "#{input}.#{b64(OpenSSL::HMAC.digest('SHA256', KEY, input))}"
end

def decode(token, key = KEY, **options)
  JWT.decode(token, key, true, { algorithms: ['HS256'] }.merge(options)).first
rescue JWT::DecodeError => e
  e
end

def verdict(shows, seen)
  puts seen
  exit(shows ? 0 : 1)
end

said = decode(token('{"alg":"HS256"}', '{"aud":"https://other.test"}'))
verdict said.is_a?(Hash), "aud of another, no audience configured: #{said}"
