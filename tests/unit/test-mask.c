#include "config.h"

#include "till-mask.h"

static void
test_phone (void)
{
  static const struct
  {
    const char *phone;
    const char *masked;
  } cases[] = {
    { "13800000000", "138****0000" },
    { "+8613800000000", "+86138****0000" },
    { "+86 13800000000", "+86 138****0000" },
    { "010-12345678", "010-****5678" },
    { "0755-1234567", "0755-****567" },
    { "02112345678", "021****5678" },
    { "12345678", "****5678" },
    { "1234567", "****567" },
    { "12345", "***45" },
    { "110", "***" },
    { "", "" },
    { "张经理分机八八八八", "*****八八八八" },
    { "\xff\xfe", "****" },
    { NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *masked = till_mask_phone (cases[i].phone);

      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
}

static void
test_key (void)
{
  static const struct
  {
    const char *key;
    const char *masked;
  } cases[] = {
    { "0123456789abcdef", "0123****" },
    { "12345678", "12****" },
    { "abc", "****" },
    { "", "****" },
    { NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *masked = till_mask_key (cases[i].key);

      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask/phone", test_phone);
  g_test_add_func ("/mask/key", test_key);

  return g_test_run ();
}
