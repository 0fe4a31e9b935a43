#!/usr/bin/perl
use strict;
use warnings;

# Crypt::JWT behind the adapter protocol.
#
# - `decode_jwt` takes the texts of keys and key sets as they are. `decode_payload => 1` in `jwt` mode, for by default
#   a payload that is no JSON comes back as text and its claims are judged by nobody.
# - `aud` as an array is met by a code reference, the documented way; the comparison is ours (`audience`).
# - One call knows one set, so several issuers are routed by the unverified `iss`. There is no clock to set.
# - Perl has one kind of exception: what the library croaks refuses a token, what Perl itself says is a crash.

use Crypt::JWT qw(decode_jwt);
use JSON qw(decode_json);
use MIME::Base64 qw(decode_base64 encode_base64);

my @asymmetric = qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA);
my @all = (qw(HS256 HS384 HS512), @asymmetric);
my $hello = {
    protocol       => 1,
    implementation => { name => 'Crypt::JWT', version => $Crypt::JWT::VERSION, language => sprintf('Perl %vd', $^V) },
    features       => [qw(jwt jws jws_json jwks jwk pem der secret multi_issuer several)],
    # An `oct` key is not taken as JSON text, only within a set or as a secret.
    algorithms   => { jwks => \@all, secret => \@all, jwk => \@asymmetric, pem => \@asymmetric, der => \@asymmetric },
    curves       => [qw(P-256 P-384 P-521 secp256k1 Ed25519)],
    adapter_does => [qw(issuer_routing audience)],
    defaults     => { leeway_s => 0 },
};

sub bytes { my ($text) = @_; utf8::encode($text); return $text }

# The arguments of `decode_jwt` for one issuer; dies with { unsupported => … } where there are none.
sub arguments {
    my ($issuer, $policy) = @_;
    my ($kind, $value) = %{ $issuer->{keys} };
    my %args;
    if    ($kind eq 'jwks')       { $args{kid_keys} = bytes($value) }
    elsif ($kind eq 'jwks_b64')   { $args{kid_keys} = decode_base64($value) }
    elsif ($kind eq 'secret_b64') { $args{key}      = decode_base64($value) }
    elsif ($kind eq 'der_b64')    { $args{key}      = \decode_base64($value) }
    elsif ($kind =~ /^(pem|jwk)$/) { $args{key}     = \bytes($value) }
    else                          { die { unsupported => $kind } }

    my $algorithms = $issuer->{algorithms} || $policy->{algorithms};
    my $audiences  = $issuer->{audiences}  || $policy->{audiences};
    $args{accepted_alg} = $algorithms if $algorithms;
    $args{leeway} = $policy->{leeway_s} if defined $policy->{leeway_s};
    for my $claim (@{ $policy->{required_claims} || [] }) {
        if    ($claim =~ /^(exp|nbf|iat)$/)     { $args{"verify_$claim"} = 1 }
        elsif ($claim =~ /^(iss|aud|sub|jti)$/) { $args{"verify_$claim"} = sub { defined $_[0] } }
        else                                    { die { unsupported => "required_claims" } }
    }
    $args{verify_iss} = bytes($issuer->{issuer}) if defined $issuer->{issuer};
    $args{verify_aud} = sub { any_of($_[0], $audiences) } if $audiences;
    return \%args;
}

sub any_of {
    my ($claimed, $expected) = @_;
    my %expected = map { $_ => 1 } @$expected;
    return grep { defined && !ref && $expected{$_} } ref $claimed eq 'ARRAY' ? @$claimed : $claimed;
}

sub configure {
    my ($policy) = @_;
    for my $member (qw(token_type fetch)) { die { unsupported => $member } if defined $policy->{$member} }
    return [ map { { name => $_->{issuer}, args => arguments($_, $policy) } } @{ $policy->{issuers} } ];
}

sub route {
    my ($issuers, $token) = @_;
    return $issuers->[0]{args} if @$issuers == 1;
    my $claims = decode_jwt(token => $token, ignore_signature => 1, ignore_claims => 1, decode_payload => 1);
    my ($found) = grep { ref $claims eq 'HASH' && ($claims->{iss} // '') eq $_->{name} } @$issuers;
    return $found ? $found->{args} : die "JWT: no such issuer\n";
}

sub verify {
    my ($issuers, $request) = @_;
    my $token = defined $request->{token_b64} ? decode_base64($request->{token_b64}) : bytes($request->{token});
    my $mode  = $request->{mode};
    return { unsupported => 'mode' } if $mode !~ /^jw[ts]$/;
    return { unsupported => 'detached_payload_b64' } if defined $request->{detached_payload_b64};

    my @mode = $mode eq 'jwt' ? (decode_payload => 1) : (decode_payload => 0, ignore_claims => 1);
    my $payload = eval { decode_jwt(token => $token, %{ route($issuers, $token) }, @mode) };
    return refusal($@) if $@;
    return { verdict => 'accept', payload_b64 => encode_base64($payload, '') } if $mode eq 'jws';
    return { verdict => 'accept', claims => ref $payload eq 'HASH' ? { map { ($_ => $payload->{$_}) } grep { exists $payload->{$_} } qw(sub iss aud) } : {} };
}

sub refusal {
    my ($error) = @_;
    chomp $error;
    return { crash => $error } if $error =~ /^(?:Can't |Not an? \S+ reference|Modification of|Out of memory|Deep recursion)/;
    return { verdict => 'reject', error => $error };
}

my %verifiers;

sub answer {
    my ($request) = @_;
    my $op   = $request->{op};
    my $name = $request->{verifier} // 'main';
    return $hello if $op eq 'hello';
    if ($op eq 'configure') {
        delete $verifiers{$name};
        $verifiers{$name} = eval { configure($request->{policy}) };
        return { ok => JSON::true } if !$@;
        return { ok => JSON::false, ref $@ ? %{$@} : (error => "$@") };
    }
    return { unsupported => 'op' } if $op ne 'verify';
    return { error => 'verify before configure' } if !$verifiers{$name};
    return verify($verifiers{$name}, $request);
}

$| = 1;
my $json = JSON->new->utf8->canonical->allow_nonref;
while (my $line = <STDIN>) {
    my $request = decode_json($line);
    print $json->encode({ %{ answer($request) }, id => $request->{id} }), "\n";
}
