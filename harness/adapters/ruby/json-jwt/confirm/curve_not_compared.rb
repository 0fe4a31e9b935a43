# frozen_string_literal: true

require 'json/jwt'
require 'base64'

KEY = 'a-secret-of-thirty-two-octets-ok'

def b64(octets) = Base64.urlsafe_encode64(octets, padding: false)

# An HS256 token over these very texts.
def token(header, payload)
  input = "#{b64(header)}.#{b64(payload)}"
  "#{input}.#{b64(OpenSSL::HMAC.digest('SHA256', KEY, input))}"
end

def decode(token, key = KEY, algorithms = [:HS256])
  JSON::JWT.decode(token, key, algorithms).to_h
rescue JSON::JWT::Exception => e
  e
end

def verdict(shows, seen)
  puts seen
  exit(shows ? 0 : 1)
end

key = OpenSSL::PKey::EC.generate('prime256v1')
input = "#{b64('{"alg":"ES512"}')}.#{b64('{"sub":"alice"}')}"
der = OpenSSL::ASN1.decode(key.dsa_sign_asn1(OpenSSL::Digest::SHA512.digest(input)))
raw = der.value.map { |n| n.value.to_s(2).rjust(32, "\0") }.join
said = decode("#{input}.#{b64(raw)}", key, [:ES512])
verdict said == { 'sub' => 'alice' }, "ES512 by a key on P-256: #{said}"
