import com.google.api.client.auth.openidconnect.IdToken;
import com.google.api.client.auth.openidconnect.IdTokenVerifier;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.testing.http.MockHttpTransport;
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

    /** The verdict under a set of this key, its JWK ending in these members. */
    static boolean verify(String token, KeyPair key, String members) throws Exception {
        RSAPublicKey rsa = (RSAPublicKey) key.getPublic();
        String set = "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" + B64.encodeToString(rsa.getModulus().toByteArray()) + "\",\"e\":\"AQAB\"" + members + "}]}";
        MockHttpTransport fixed = new MockHttpTransport.Builder().setLowLevelHttpResponse(new MockLowLevelHttpResponse().setContent(set).setContentType("application/json")).build();
        return new IdTokenVerifier.Builder().setCertificatesLocation("http://keys.invalid/" + members.hashCode()).setHttpTransportFactory(() -> fixed).build()
            .verify(IdToken.parse(GsonFactory.getDefaultInstance(), token));
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
        boolean with = verify(token, key, ",\"alg\":\"RS256\""), without = verify(token, key, "");
        verdict(with && !without, "with alg: " + with + ", without: " + without);
    }
}
