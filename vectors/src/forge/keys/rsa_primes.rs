//! The primes of the RSA test keys.
//!
//! These are **test keys**: they are published here, so that anybody can sign with them, and no
//! system may ever trust them. They were drawn once; everything else about a key follows from its
//! primes and its exponent.

/// Two primes and a public exponent, big-endian and in base64url, as in the `p`, `q` and `e` of a JWK.
pub(super) struct Primes {
    pub(super) p: &'static str,
    pub(super) q: &'static str,
    pub(super) e: &'static str,
}

pub(super) const RSA_1024_A: Primes = Primes {
    p: "_ffh1lomb3An9tdA6VTHKwHRGyYgFO7hzdyaziLelMfXx_CFmf9a-a5RXIFpEB-BnzlVWwTnRNqHJ0K2E9vnKw",
    q: "xVEUmTgv_DnfTbTh11W-x4_pB89h81xxcLStOQd6uNkZPoYVY3QIqk-_SMdVyKgyP7TP0QEvnexPYGqHGq0Xbw",
    e: "AQAB",
};

pub(super) const RSA_2048_A: Primes = Primes {
    p: "\
        wKAJSGK2nJ_PJlmFfpgrjGkztTfCwvNiGUlY3cl3jplsTVYUGrAhkBZF6_wuN730q1t08QgLAFb4n1XPq8HW0OEg\
        JnaIgqB3pk0CGcpLn6Ktw6xOSj4EpGJaeNYT61iI32SlvV25UBil9IANVpvHQ3xDU6oWVGgCZu_3ZdqhMZE",
    q: "\
        vMU11hk_SySzSQ2whk0eAYsxbbtcS-Jdf1TnghA_7B28HryEHYx5EbJs8X8ccpdV5Zh2sF3ElEsQbOL7-KbaR0EI\
        bo9mL9ONEIEy-aF3LcSXvkSYF3zOV3zmSQXFg9XY6d7t934bt9zTek5hBqCL1X_VmVF9BIHx6fPvyrENCWM",
    e: "AQAB",
};

pub(super) const RSA_2048_B: Primes = Primes {
    p: "\
        _ESsseLOWo4lvL5PXoRE1jqxMrf85iyN6fSvuKj1YN76hAMSurVeRdNptQVnlJynRsgfoLrktqzf0wYG7Wyhmyy0\
        QzoQyQh0DKOS3GL931lj5ut4-ZmeG8NG6VA5wQcyyq5XDASFSQz0VWfIdLJtxPggIyHGdDdH3ghbBZZbeyM",
    q: "\
        wM22JIiO7J5fTzMR-hrwI4R_cMI9sb91gNsH2Sj-XaO4Tzzfg26UNN4w7fYU0PMmtCwOlBEjlGl2wCbFnBR2P4gw\
        f_P4VYe-noaqswaL3-1u6CMooPWwEhkyw5usFL45i0yK1-Se1OFWz3pZXhPcaEJv3tHO73aFrF6PiCqDdyk",
    e: "AQAB",
};

pub(super) const RSA_2048_E3: Primes = Primes {
    p: "\
        0wMbLqpgHERnWaGS43KbMaW7hiwmgp_advNBxEt70Y9S1gcLYrT2nQCnAg0LRtZONHZYxaActrh4hXjCK9Y4QUJS\
        JFZWX_KDpHZ9IKuXQdPJfz8IWnCJ6Jjul6OeaP4TsMKRVXe4UbV1dMNMNXMdsT7FvW0DGaNIcFKdL9S5Po8",
    q: "\
        y_hhSEF2pA5wIJ2cUnBGnJRIXEX6lnP5pIv1FSRkA5Xx7GHCt8h3aYnjml3fhPm3-jf3qAD2M2jUER3Lpo8PYchc\
        vhX1SzDOM_ixLIiWfC-L6Y2Uiji34jqdmGEgHM2mkghiAmI96SPnnLiVszc4FnFi-ePXThX0u9BXQh0drgs",
    e: "Aw",
};

pub(super) const RSA_3072_A: Primes = Primes {
    p: "\
        9GvGzAe14QjvrqFV9vQD4nJQfKNj-OjX6tgvc9-AmPsPKtAdBcEJFZefR45ouCBe_QODL7d0bTChafahndxpmi0-\
        CBuOMP28C4m5BtHYt8T22bUVAE_DScIdnZVTbKwlBGxOgGieVhfaAXXiv9ZaQNAcOSufQACD-_39jy-dxZPDI_aN\
        -nOjaBH0vpSh5FbqeLVIvPO74OEDQw5rmPcLKLyJO8MD0Rc0unasHO7Q7nJTO3xjIRp35nzIZdOyvslJ",
    q: "\
        21Svc8ahW9570yP5v7H40YN_2zYI5_PE3eWdQXoE3BlC1_6LpqJP2m0AMcysQt2icXXJSnWufvfYIzF0dCUdBXoL\
        8ADIsn9qTNIg-CDQY4fIXbBVn5NSaNShodQLD-dIcnqRSDfmemM8lRtlwSqJFOOj9QPWN1wcEW6ncIFGFAm2ZsdW\
        ue3T-rnnVVtDiAfmRb0DkZ02rSB6u27twnTpNhnSjR8NxPq39SP6hcpKKkc04LK0yCIWZvtzvreI5eEn",
    e: "AQAB",
};

pub(super) const RSA_4096_A: Primes = Primes {
    p: "\
        7q8q5tDqGYxxZl3NtTGSWttU-hDWyRYMxVfsGhRFFfeU2S58bjqUTo3UecNY10HjW4cbeNPD0b1zm07LypP1AWI1\
        bgSH_9lh_rJxnCIqdglf_YtgjQPXLTPAdDPq5oX7bC75BHqb_ZgjPTOVp6Q0JdjdFoil1K3A7Xz9nEJosM9YTGv6\
        lAm8ooY0om_x0zhF5vYBkoycmJW6edPokiMuUEov2eSp8xBjvuZm5v7nliVAc-UeqZ84FTQZwVpxxRXBmT6LHwhY\
        r4GaHtJhG1f8cAolCKwdGPNxwZHvG8jrtNPKv9docKgA4K5B3HfTAgicmieujpdwRmeKgLhmaVkw0w",
    q: "\
        0xKXZ-01ANJg8NsCLqqVGzD49HZNgvuEvSIT_Xk0H4c9aax_aJevga3X2VQTOJh7lw6DX9O5ERL1nTs6CpSbV-ZF\
        NX8Q8CFxS8tq2U0VFTltH18g9DyGuGBkxmEm40Rqh0Yiwhni7LO78SNwhtbDMAXx5Z_8dElfxO9oXUB9SnwabKF5\
        _QMpUK4aZSkTdeHItaqXdwF3FmOy84yKTDChb2vKMgXM75CU2L4qX_23S-PXZOrt4sTglsl7k6lwrGKm2ppxoHCD\
        OoSx7xKm-9r9g4NtGGzAsvu2vb_xedSVPMAzzS9V1YF6dknmGrVVkXEXzBE1KB_XI6OZ0340JdWMOQ",
    e: "AQAB",
};
