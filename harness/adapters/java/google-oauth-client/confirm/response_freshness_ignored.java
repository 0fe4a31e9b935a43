import com.google.api.client.auth.openidconnect.IdToken;
import com.google.api.client.auth.openidconnect.IdTokenVerifier;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.testing.http.MockHttpTransport;
import com.google.api.client.testing.http.MockLowLevelHttpRequest;
import com.google.api.client.testing.http.MockLowLevelHttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

class Confirm {
    static final Base64.Encoder B64 = Base64.getUrlEncoder().withoutPadding();

    static String b64(String text) {
        return B64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An RS256 token over these very texts. */
    static String token(KeyPair key, String header, String payload) throws Exception {
        String input = b64(header) + "." + b64(payload);
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(key.getPrivate());
        signer.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + B64.encodeToString(signer.sign());
    }

    static int asked = 0;

    /** The verifier of an endpoint that answers everybody with this; a verdict is told by `verify`. */
    static IdTokenVerifier verifier(int status, String cacheControl, String set) {
        MockHttpTransport transport = new MockHttpTransport() {
            @Override
            public MockLowLevelHttpRequest buildRequest(String method, String url) {
                asked++;
                MockLowLevelHttpResponse response = new MockLowLevelHttpResponse().setStatusCode(status).setContent(set).setContentType("application/json");
                return new MockLowLevelHttpRequest().setResponse(cacheControl == null ? response : response.addHeader("Cache-Control", cacheControl));
            }
        };
        return new IdTokenVerifier.Builder().setCertificatesLocation("http://keys.invalid/").setHttpTransportFactory(() -> transport).build();
    }

    static boolean verify(IdTokenVerifier verifier, String token) throws Exception {
        return verifier.verify(IdToken.parse(GsonFactory.getDefaultInstance(), token));
    }

    static String set(KeyPair key) {
        return "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"alg\":\"RS256\",\"n\":\"" + B64.encodeToString(((RSAPublicKey) key.getPublic()).getModulus().toByteArray()) + "\",\"e\":\"AQAB\"}]}";
    }

    static void verdict(boolean shows, String seen) {
        System.out.println(seen);
        System.exit(shows ? 0 : 1);
    }

    public static void main(String[] arguments) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair key = generator.generateKeyPair();
        long now = System.currentTimeMillis() / 1000;
        String token = token(key, "{\"alg\":\"RS256\",\"kid\":\"a\"}", "{\"exp\":" + (now + 60) + ",\"iat\":" + now + "}");
        IdTokenVerifier verifier = verifier(200, "max-age=1", set(key));
        boolean first = verify(verifier, token);
        Thread.sleep(2000);
        boolean second = verify(verifier, token);
        verdict(first && second && asked == 1, asked + " fetch, the second token 2 s after a response with max-age=1");
    }
}
