/* The page's own files, which the build embeds: traces/report, and the two chart libraries that
 * npm fetched for it (traces/report/package.json). */
#ifndef BT_REPORT_ASSETS_H
#define BT_REPORT_ASSETS_H

/* Zero-terminated. The libraries are empty where the build had no npm (BITTRUE_CHARTS=OFF): a page
 * has its tables then, and says that charts were left out. */
extern const char bt_asset_style[], bt_asset_script[], bt_asset_d3[], bt_asset_plot[];

#endif
