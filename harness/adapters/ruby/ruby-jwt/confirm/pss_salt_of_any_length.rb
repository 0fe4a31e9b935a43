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

key = OpenSSL::PKey::RSA.new(2048)
input = "#{b64('{"alg":"PS256"}')}.#{b64('{"sub":"alice"}')}"
signature = key.sign_pss('SHA256', input, salt_length: 0, mgf1_hash: 'SHA256')
said = decode("#{input}.#{b64(signature)}", key.public_key, algorithms: ['PS256'])
verdict said == { 'sub' => 'alice' }, "PS256 without salt: #{said}"
