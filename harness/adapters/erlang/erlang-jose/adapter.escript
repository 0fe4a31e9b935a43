#!/usr/bin/env escript
%% erlang-jose behind the adapter protocol.
%%
%% `jose_jwt:verify_strict(Key, Algorithms, Token)`, or `verify` where no algorithms are given; `jose_jws` for a JWS. The
%% library reads a set but verifies under one key, chosen here by its `kid` (`key_selection`). Claims are the caller's:
%% issuer, audience, time and required ones are ours. It raises {badarg, _} for what is no token: that is a refusal; any other
%% exception is a crash.
-mode(compile).

hello() ->
    {ok, _} = application:ensure_all_started(jose),
    {ok, Version} = application:get_key(jose, vsn),
    #{protocol => 1,
      implementation => #{name => <<"erlang-jose">>, version => list_to_binary(Version),
                          language => list_to_binary("Erlang/OTP " ++ erlang:system_info(otp_release))},
      features => [jwt, jws, jwks, jwk, pem, secret, multi_issuer, several, clock],
      algorithms => ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
                     'ES256', 'ES384', 'ES512', 'EdDSA'],
      curves => ['P-256', 'P-384', 'P-521', 'Ed25519'],
      adapter_does => [key_selection, issuer_routing, issuer, audience, time, required_claims]}.

main(_) ->
    ok = io:setopts(standard_io, [binary, {encoding, latin1}]),
    loop(#{}).

loop(Verifiers) ->
    case file:read_line(standard_io) of
        {ok, Line} ->
            Request = #{<<"id">> := Id} = jiffy:decode(Line, [return_maps]),
            {Reply, Next} = answer(Request, Verifiers),
            ok = file:write(standard_io, [line(Reply#{id => Id}), $\n]),
            loop(Next);
        eof -> ok
    end.

%% Evidence that is no strict JSON must not lose the verdict.
line(Reply) ->
    try jiffy:encode(Reply) catch _:_ -> jiffy:encode(maps:without([claims], Reply)) end.

answer(#{<<"op">> := <<"hello">>}, Verifiers) -> {hello(), Verifiers};
answer(#{<<"op">> := <<"configure">>, <<"policy">> := Policy} = Request, Verifiers) ->
    Name = maps:get(<<"verifier">>, Request, <<"main">>),
    try
        maps:is_key(<<"token_type">>, Policy) andalso throw({unsupported, token_type}),
        maps:is_key(<<"fetch">>, Policy) andalso throw({unsupported, fetch}),
        Issuers = [issuer(Entry, Policy) || Entry <- maps:get(<<"issuers">>, Policy)],
        {#{ok => true}, Verifiers#{Name => Issuers}}
    catch
        throw:{unsupported, What} -> {#{ok => false, unsupported => What}, maps:remove(Name, Verifiers)};
        Class:Why -> {#{ok => false, error => text(Class, Why)}, maps:remove(Name, Verifiers)}
    end;
answer(#{<<"op">> := <<"verify">>} = Request, Verifiers) ->
    Reply = case maps:find(maps:get(<<"verifier">>, Request, <<"main">>), Verifiers) of
        {ok, Issuers} -> verify(Issuers, Request);
        error -> #{error => <<"verify before configure">>}
    end,
    {Reply, Verifiers};
answer(_, Verifiers) -> {#{unsupported => op}, Verifiers}.

issuer(Entry, Policy) ->
    Own = maps:merge(maps:with([<<"algorithms">>, <<"audiences">>, <<"required_claims">>, <<"leeway_s">>], Policy), Entry),
    [{Kind, Text}] = maps:to_list(maps:get(<<"keys">>, Entry)),
    Own#{keys => keys(Kind, Text)}.

keys(<<"secret_b64">>, Text) -> [jose_jwk:from_oct(base64:decode(Text))];
keys(<<"pem">>, Text) -> loaded(jose_jwk:from_pem(Text));
keys(<<"jwks_b64">>, Text) -> loaded(jose_jwk:from_binary(base64:decode(Text)));
keys(Kind, Text) when Kind =:= <<"jwks">>; Kind =:= <<"jwk">> -> loaded(jose_jwk:from_binary(Text));
keys(Kind, _) -> throw({unsupported, Kind}).

loaded(Key) when element(1, Key) =:= jose_jwk ->
    case element(2, Key) of
        {jose_jwk_set, Keys} -> Keys;
        undefined -> [Key]
    end;
loaded(Refused) -> error(Refused).

verify(Issuers, #{<<"mode">> := Mode} = Request) when Mode =:= <<"jwt">>; Mode =:= <<"jws">> ->
    Token = case Request of
        #{<<"token_b64">> := Encoded} -> base64:decode(Encoded);
        #{<<"token">> := Plain} -> Plain
    end,
    try
        Issuer = route(Issuers, Token),
        Payload = checked(Issuer, choose(maps:get(keys, Issuer), Token), Token),
        accept(Mode, Payload, Issuer, Request)
    catch
        throw:Why -> reject(text(refused, Why));
        error:{badarg, Why} -> reject(text(badarg, Why));
        Class:Why -> #{crash => text(Class, Why)}
    end;
verify(_, _) -> #{unsupported => mode}.

reject(Why) -> #{verdict => reject, error => Why}.

route([Issuer], _) -> Issuer;
route(Issuers, Token) ->
    {jose_jwt, Claims} = jose_jwt:peek_payload(Token),
    Name = maps:get(<<"iss">>, Claims, undefined),
    case [I || I <- Issuers, maps:get(<<"issuer">>, I) =:= Name] of
        [Issuer | _] -> Issuer;
        [] -> throw("no such issuer")
    end.

choose(Keys, Token) ->
    %% A header that is no object of JSON is left to the library.
    Kid = try maps:get(<<"kid">>, jiffy:decode(jose_jws:peek_protected(Token), [return_maps]), undefined) catch _:_ -> undefined end,
    case [K || K <- Keys, kid(K) =:= Kid] of
        [Key | _] -> Key;
        [] when length(Keys) =:= 1 ->
            [Only] = Keys,
            Kid =:= undefined orelse kid(Only) =:= undefined orelse throw("no key of this kid"),
            Only;
        [] -> throw("no key of this kid")
    end.

kid(Key) -> maps:get(<<"kid">>, element(4, Key), undefined).

checked(#{<<"algorithms">> := Allowed}, Key, Token) -> payload(jose_jws:verify_strict(Key, Allowed, Token));
checked(_, Key, Token) -> payload(jose_jws:verify(Key, Token)).

payload({true, Payload, _}) -> Payload;
payload(_) -> throw("jose_jws: not verified").

accept(<<"jws">>, Payload, _, _) -> #{verdict => accept, payload_b64 => base64:encode(Payload)};
accept(<<"jwt">>, Payload, Issuer, #{<<"now">> := Now}) ->
    {jose_jwt, Claims} = jose_jwt:from_binary(Payload),
    is_map(Claims) orelse throw("no object of claims"),
    judge(Claims, Issuer, Now),
    #{verdict => accept, claims => maps:with([<<"sub">>, <<"iss">>, <<"aud">>], Claims)}.

judge(Claims, Issuer, Now) ->
    Leeway = maps:get(<<"leeway_s">>, Issuer, 0),
    [maps:get(Name, Claims, null) =/= null orelse throw({missing, Name}) || Name <- maps:get(<<"required_claims">>, Issuer, [])],
    case Issuer of
        #{<<"issuer">> := Name} -> maps:get(<<"iss">>, Claims, undefined) =:= Name orelse throw("issuer");
        _ -> ok
    end,
    case Issuer of
        #{<<"audiences">> := Wanted} ->
            Aud = case maps:get(<<"aud">>, Claims, []) of List when is_list(List) -> List; One -> [One] end,
            lists:any(fun(A) -> lists:member(A, Wanted) end, Aud) orelse throw("audience");
        _ -> ok
    end,
    maps:is_key(<<"exp">>, Claims) andalso (number(maps:get(<<"exp">>, Claims)) > Now - Leeway orelse throw("expired")),
    maps:is_key(<<"nbf">>, Claims) andalso (number(maps:get(<<"nbf">>, Claims)) =< Now + Leeway orelse throw("not valid yet")).

number(Value) when is_number(Value) -> Value;
number(_) -> throw("a time that is no number").

text(Class, Why) ->
    unicode:characters_to_binary(lists:sublist(io_lib:format("~p: ~0p", [Class, Why], [{chars_limit, 400}]), 400)).
