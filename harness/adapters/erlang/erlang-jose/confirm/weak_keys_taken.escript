#!/usr/bin/env escript
-mode(compile).
-compile(nowarn_unused_function).

secret() -> <<"a-secret-of-thirty-two-octets-ok">>.

b64(Text) -> jose_base64url:encode(Text, #{padding => false}).

%% An HS256 token over these very texts.
token(Header, Payload) -> token(Header, Payload, secret()).

token(Header, Payload, Secret) ->
    Input = <<(b64(Header))/binary, ".", (b64(Payload))/binary>>,
    <<Input/binary, ".", (b64(crypto:mac(hmac, sha256, Secret, Input)))/binary>>.

verify(Key, Algorithms, Token) ->
    try element(1, jose_jwt:verify_strict(Key, Algorithms, Token))
    catch error:Why -> {raised, Why} end.

verify(Token) -> verify(jose_jwk:from_oct(secret()), [<<"HS256">>], Token).

verdict(Shows, Seen) ->
    io:format("~0p~n", [Seen]),
    halt(case Shows of true -> 0; false -> 1 end).

main(_) ->
    {ok, _} = application:ensure_all_started(jose),
    Said = verify(jose_jwk:from_oct(<<"x">>), [<<"HS256">>], token(<<"{\"alg\":\"HS256\"}">>, <<"{}">>, <<"x">>)),
    verdict(Said =:= true, {one_octet, Said}).
