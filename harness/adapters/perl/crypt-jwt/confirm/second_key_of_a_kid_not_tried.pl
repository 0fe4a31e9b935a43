#!/usr/bin/perl
use strict;
use warnings;
use Crypt::JWT qw(encode_jwt decode_jwt);
use Crypt::Mac::HMAC qw(hmac);
use Crypt::Misc qw(encode_b64u);
use Crypt::PK::RSA;
use Crypt::PK::ECC;

my $key = 'a-secret-of-thirty-two-octets-ok';

# An HS256 token over these very texts.
sub token {
    my ($header, $payload) = @_;
    my $input = encode_b64u($header) . '.' . encode_b64u($payload);
    return $input . '.' . encode_b64u(hmac('SHA256', $key, $input));
}

sub accepts { my %args = @_; return defined eval { decode_jwt(%args) } }

sub verdict { my ($shows, $seen) = @_; print "$seen\n"; exit($shows ? 0 : 1) }

my $ecc = Crypt::PK::ECC->new;
$ecc->generate_key('secp256r1');
my $set = { keys => [ { %{ $ecc->export_key_jwk('public', 1) }, kid => 'a' }, { kty => 'oct', kid => 'a', k => encode_b64u($key) } ] };
verdict(!accepts(token => token('{"alg":"HS256","kid":"a"}', '{}'), kid_keys => $set), "an oct key behind an EC key: $@");
