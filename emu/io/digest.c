#include "io/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "num/error.h"

struct bt_digest {
  EVP_MD_CTX *context;
  bool broken;
};

bt_digest *bt_digest_start(void) {
  bt_digest *d = calloc(1, sizeof *d);
  if (d == NULL) {
    return NULL;
  }
  d->context = EVP_MD_CTX_new();
  if (d->context == NULL) {
    free(d);
    return NULL;
  }
  d->broken = EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) != 1;
  return d;
}

void bt_digest_add(bt_digest *d, const void *data, size_t size) {
  d->broken = d->broken || (size > 0 && EVP_DigestUpdate(d->context, data, size) != 1);
}

bt_status bt_digest_finish_bytes(bt_digest *d, uint8_t bytes[BT_DIGEST_BYTES], bt_error *error) {
  bool done = !d->broken && EVP_DigestFinal_ex(d->context, bytes, NULL) == 1;
  bt_digest_free(d);
  return done ? BT_OK : bt_fail(error, BT_FAILED, "SHA-256: refused by libcrypto");
}

bt_status bt_digest_finish(bt_digest *d, char hex[BT_DIGEST_HEX], bt_error *error) {
  static const char digit[] = "0123456789abcdef";
  uint8_t bytes[BT_DIGEST_BYTES];
  hex[0] = '\0';
  bt_status status = bt_digest_finish_bytes(d, bytes, error);
  for (size_t i = 0; i < BT_DIGEST_BYTES && status == BT_OK; i++) {
    hex[2 * i] = digit[bytes[i] >> 4];
    hex[2 * i + 1] = digit[bytes[i] & 15];
    hex[2 * i + 2] = '\0';
  }
  return status;
}

void bt_digest_free(bt_digest *d) {
  if (d != NULL) {
    EVP_MD_CTX_free(d->context);
    free(d);
  }
}
