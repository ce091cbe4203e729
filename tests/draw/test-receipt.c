#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

#include "till-clock.h"
#include "till-receipt.h"

static char *folder; /* where the papers of this run go */

static TillReceipt *
make_receipt (void)
{
  TillReceipt *receipt = till_receipt_new ();

  receipt->number = g_strdup ("2026-000123");
  receipt->site_name = g_strdup ("顺心城广场");
  receipt->shop = g_strdup ("A座/A102");
  receipt->tenant = g_strdup ("重庆小面");
  receipt->phone_masked = g_strdup ("138****1234");
  receipt->meter_no = g_strdup ("202411080001");
  receipt->amount = 140950;
  receipt->method = TILL_METHOD_CASH;
  receipt->state = TILL_ORDER_STATE_CREDITED;
  receipt->paid_ms = till_clock_from_civil (2026, 11, 24, 9, 30, 5);
  receipt->operator_name = g_strdup ("王小明");
  receipt->order_id = g_strdup ("20261124T093005007_0a1b2c3d4e5f");
  receipt->has_balances = TRUE;
  receipt->balance_before = -1230;
  receipt->balance_after = 139720;
  return receipt;
}

static char *
run (const char *const *arguments)
{
  g_autoptr(GError) error = NULL;
  char *output = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                               &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return output;
}

/* Writes the paper and reads its text back, all blanks taken out: where lines break is not the matter. */
static char *
print_to_text (const TillReceipt *receipt,
               TillReceiptPaper   paper,
               const char        *name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_strdup_printf ("%s/%s-%s.pdf", folder, name,
                                           paper == TILL_RECEIPT_PAPER_A5 ? "a5" : "80mm");
  const char *const arguments[] = { "pdftotext", "-layout", path, "-", NULL };

  g_assert_true (till_receipt_write_pdf (receipt, paper, path, &error));
  g_assert_no_error (error);

  char *text = run (arguments);
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    if (!g_ascii_isspace (*from))
      *to++ = *from;

  *to = '\0';
  g_test_message ("%s", text);
  return text;
}

static void
assert_has (const char *text,
            const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not on the paper: %s", part, text);
}

static void
assert_has_not (const char *text,
                const char *part)
{
  if (strstr (text, part) != NULL)
    g_error ("“%s” is on the paper: %s", part, text);
}

static void
test_text (gconstpointer data)
{
  const TillReceiptPaper paper = GPOINTER_TO_INT (data);
  g_autoptr(TillReceipt) receipt = make_receipt ();
  g_autofree char *text = print_to_text (receipt, paper, "plain");

  assert_has (text, "购电收据");
  assert_has (text, "顺心城广场");
  assert_has (text, "2026-000123");
  assert_has (text, "2026-11-2409:30:05");
  assert_has (text, "A座/A102");
  assert_has (text, "重庆小面");
  assert_has (text, "138****1234");
  assert_has (text, "202411080001");
  assert_has (text, "现金");
  assert_has (text, "¥1,409.50");
  assert_has (text, "人民币壹仟肆佰零玖元伍角整");
  assert_has (text, "-¥12.30");
  assert_has (text, "¥1,397.20");
  assert_has (text, "王小明");
  assert_has (text, "20261124T093005007_0a1b2c3d4e5f");
  assert_has_not (text, "补打");
  assert_has_not (text, "演示");
  assert_has_not (text, "待下发");
}

static void
test_on_its_way (gconstpointer data)
{
  const TillReceiptPaper paper = GPOINTER_TO_INT (data);
  g_autoptr(TillReceipt) receipt = make_receipt ();

  receipt->has_balances = FALSE;
  receipt->state = TILL_ORDER_STATE_PAID;

  g_autofree char *text = print_to_text (receipt, paper, "on-its-way");

  assert_has (text, "待下发，到账后以电表显示为准");
  assert_has_not (text, "1,397.20");
  assert_has_not (text, "充值后余额");
}

static void
test_states (gconstpointer data)
{
  static const struct
  {
    TillOrderState state;
    const char    *words;
  } cases[] = {
    { TILL_ORDER_STATE_CREDITED, "已到账" },
    { TILL_ORDER_STATE_REVIEW, "核对中，以电表显示为准" },
    { TILL_ORDER_STATE_REFUSED, "未充入电表" },
    { TILL_ORDER_STATE_REFUNDED, "已退款" },
    { TILL_ORDER_STATE_NEW, "未付款" },
    { TILL_ORDER_STATE_EXPIRED, "未付款" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(TillReceipt) receipt = make_receipt ();

      receipt->has_balances = FALSE;
      receipt->state = cases[i].state;

      g_autofree char *text = print_to_text (receipt, GPOINTER_TO_INT (data), "state");

      assert_has (text, cases[i].words);
    }
}

static void
test_methods (gconstpointer data)
{
  static const char *const words[] = { "现金", "刷卡", "银行转账", "微信支付", "支付宝" };

  for (int method = TILL_METHOD_CASH; method <= TILL_METHOD_ALIPAY; method++)
    {
      g_autoptr(TillReceipt) receipt = make_receipt ();

      receipt->method = method;

      g_autofree char *text = print_to_text (receipt, GPOINTER_TO_INT (data), "method");

      assert_has (text, words[method]);
    }
}

static void
test_marks (gconstpointer data)
{
  g_autoptr(TillReceipt) receipt = make_receipt ();

  receipt->demo = TRUE;
  receipt->reprint = 3;

  g_autofree char *text = print_to_text (receipt, GPOINTER_TO_INT (data), "marks");

  assert_has (text, "补打3");
  assert_has (text, "演示·非真实收据");
}

/* Every character of the longest names a site may have is still there. */
static void
test_long_names (gconstpointer data)
{
  g_autoptr(TillReceipt) receipt = make_receipt ();
  const char *tenant = "重庆市渝中区解放碑步行街老字号麻辣小面餐饮管理有限责任公司顺心城广场二层旗舰体验店";

  g_free (receipt->tenant);
  g_free (receipt->site_name);
  g_free (receipt->shop);
  receipt->tenant = g_strdup (tenant);
  receipt->site_name = g_strdup ("顺心城国际商业广场物业管理有限公司财务结算中心");
  receipt->shop = g_strdup ("SHUNXINCHENGINTERNATIONALPLAZANORTHTOWER/A102-A103-A104-A105-A106");
  receipt->amount = TILL_SALE_MAX;
  receipt->demo = TRUE;
  receipt->reprint = 12;

  g_autofree char *text = print_to_text (receipt, GPOINTER_TO_INT (data), "long");
  gsize found = 0;

  /* Lines of two columns are read interleaved, so the name is sought in pieces of four characters. */
  for (gsize at = 0; at + 12 <= strlen (tenant); at += 12)
    {
      g_autofree char *piece = g_strndup (tenant + at, 12);

      found += strstr (text, piece) != NULL;
    }

  g_assert_cmpuint (found, >=, strlen (tenant) / 12 - 3);
  assert_has (text, "旗舰体验店");
  assert_has (text, "A106");
  assert_has (text, "¥9,999,999.99");
  assert_has (text, "玖角玖分");
}

static void
test_missing_parts (gconstpointer data)
{
  g_autoptr(TillReceipt) receipt = till_receipt_new ();

  receipt->number = g_strdup ("2026-000001");
  receipt->amount = 1;
  receipt->tenant = g_strdup ("bad \xff bytes\nand lines");

  g_autofree char *text = print_to_text (receipt, GPOINTER_TO_INT (data), "missing");

  assert_has (text, "2026-000001");
  assert_has (text, "壹分");
}

static void
test_size (gconstpointer data)
{
  const TillReceiptPaper paper = GPOINTER_TO_INT (data);
  g_autoptr(TillReceipt) receipt = make_receipt ();
  g_autofree char *path = g_strdup_printf ("%s/size.pdf", folder);
  const char *const arguments[] = { "pdfinfo", path, NULL };
  double width = 0;
  double height = 0;

  till_receipt_get_size (receipt, paper, &width, &height);
  g_assert_true (till_receipt_write_pdf (receipt, paper, path, NULL));

  g_autofree char *info = run (arguments);
  const char *size = strstr (info, "Page size:");

  assert_has (info, "Pages:           1\n");
  g_assert_nonnull (size);

  g_auto(GStrv) words = g_strsplit_set (size + strlen ("Page size:"), " \n", -1);
  double found[2] = { 0 };
  int n_found = 0;

  for (gsize i = 0; words[i] != NULL && n_found < 2; i++)
    if (g_ascii_isdigit (words[i][0]))
      found[n_found++] = g_ascii_strtod (words[i], NULL);

  g_assert_cmpfloat_with_epsilon (found[0], width, 0.01);
  g_assert_cmpfloat_with_epsilon (found[1], height, 0.01);
  g_assert_cmpfloat_with_epsilon (width, paper == TILL_RECEIPT_PAPER_A5 ? 595.28 : 226.77, 0.01);

  if (paper == TILL_RECEIPT_PAPER_A5)
    g_assert_cmpfloat_with_epsilon (height, 419.53, 0.01);
}

/* A longer receipt takes more of the roll, and nothing is drawn beyond what was asked for. */
static void
test_roll_grows (void)
{
  g_autoptr(TillReceipt) receipt = make_receipt ();
  double width = 0;
  double before = 0;
  double after = 0;

  till_receipt_get_size (receipt, TILL_RECEIPT_PAPER_80MM, &width, &before);
  g_free (receipt->tenant);
  receipt->tenant = g_strnfill (200, 'W');
  till_receipt_get_size (receipt, TILL_RECEIPT_PAPER_80MM, &width, &after);
  g_assert_cmpfloat (after, >, before + 20);
}

/* All ink lies within the paper's printable part, however long the names are. */
static void
test_ink (gconstpointer data)
{
  const TillReceiptPaper paper = GPOINTER_TO_INT (data);
  g_autoptr(TillReceipt) receipt = make_receipt ();
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  double width = 0;
  double height = 0;
  double x = 0;
  double y = 0;
  double ink_width = 0;
  double ink_height = 0;

  g_free (receipt->tenant);
  g_free (receipt->shop);
  receipt->tenant = g_strnfill (120, 'W');
  receipt->shop = g_strnfill (80, 'M');
  receipt->reprint = 4000000000u;
  till_receipt_get_size (receipt, paper, &width, &height);
  till_receipt_draw (receipt, paper, cr);
  cairo_recording_surface_ink_extents (surface, &x, &y, &ink_width, &ink_height);
  g_assert_cmpfloat (x, >=, 10);
  g_assert_cmpfloat (y, >=, 10);
  g_assert_cmpfloat (x + ink_width, <=, width - 10);
  g_assert_cmpfloat (y + ink_height, <=, height - 10);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_write_fault (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReceipt) receipt = make_receipt ();
  g_autofree char *path = g_strdup_printf ("%s/there-is-no-such-folder/x.pdf", folder);

  g_assert_false (till_receipt_write_pdf (receipt, TILL_RECEIPT_PAPER_A5, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* The file is replaced whole, is its owner's alone, and no other is left beside it. */
static void
test_write_again (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReceipt) receipt = make_receipt ();
  g_autofree char *own = g_strdup_printf ("%s/own", folder);
  g_autofree char *path = g_build_filename (own, "receipt.pdf", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gsize first_length = 0;
  gsize second_length = 0;
  GStatBuf status;

  g_assert_cmpint (g_mkdir (own, 0700), ==, 0);

  g_assert_true (till_receipt_write_pdf (receipt, TILL_RECEIPT_PAPER_80MM, path, &error));
  g_assert_true (g_file_get_contents (path, &first, &first_length, &error));
  g_assert_true (till_receipt_write_pdf (receipt, TILL_RECEIPT_PAPER_80MM, path, &error));
  g_assert_true (g_file_get_contents (path, &second, &second_length, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (first, first_length, second, second_length);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  g_autoptr(GDir) dir = g_dir_open (own, 0, NULL);

  g_assert_cmpstr (g_dir_read_name (dir), ==, "receipt.pdf");
  g_assert_null (g_dir_read_name (dir));
}

static void
add (const char   *name,
     GTestDataFunc func)
{
  g_autofree char *roll = g_strdup_printf ("/receipt/%s/80mm", name);
  g_autofree char *sheet = g_strdup_printf ("/receipt/%s/a5", name);

  g_test_add_data_func (roll, GINT_TO_POINTER (TILL_RECEIPT_PAPER_80MM), func);
  g_test_add_data_func (sheet, GINT_TO_POINTER (TILL_RECEIPT_PAPER_A5), func);
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("LANGUAGE", "zh_CN", TRUE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TEST_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_test_init (&argc, &argv, NULL);

  /* With TILL_TEST_KEEP the papers stay, for a person to look at. */
  folder = g_getenv ("TILL_TEST_KEEP") != NULL ? g_strdup (g_getenv ("TILL_TEST_KEEP"))
                                               : g_dir_make_tmp ("till-receipt-XXXXXX", NULL);

  add ("text", test_text);
  add ("on-its-way", test_on_its_way);
  add ("states", test_states);
  add ("methods", test_methods);
  add ("marks", test_marks);
  add ("long-names", test_long_names);
  add ("missing-parts", test_missing_parts);
  add ("size", test_size);
  add ("ink", test_ink);
  g_test_add_func ("/receipt/roll-grows", test_roll_grows);
  g_test_add_func ("/receipt/write/fault", test_write_fault);
  g_test_add_func ("/receipt/write/again", test_write_again);

  const int result = g_test_run ();

  if (g_getenv ("TILL_TEST_KEEP") == NULL)
    {
      const char *const arguments[] = { "rm", "-r", folder, NULL };
      g_autofree char *output = run (arguments);
    }

  g_free (folder);
  return result;
}
