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

use Digest::SHA qw(sha256);

my $rsa = Crypt::PK::RSA->new;
$rsa->generate_key(256, 65537);
my $input = encode_b64u('{"alg":"RS256"}') . '.' . encode_b64u('{}');
my @taken = grep {
    my $info = chr($_) . pack('H*', '31300d060960864801650304020105000420') . sha256($input);
    my $block = "\x00\x01" . "\xFF" x (256 - 3 - length $info) . "\x00" . $info;
    accepts(token => "$input." . encode_b64u($rsa->decrypt($block, 'none')), key => $rsa);
} 0x2E, 0x2F, 0x31, 0x32, 0x70, 0xB0;
verdict(scalar @taken, 'tags accepted in place of 30: ' . join ' ', map { sprintf '%02X', $_ } @taken);
