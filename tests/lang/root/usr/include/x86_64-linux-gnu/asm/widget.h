/* SPDX-License-Identifier: Apache-2.0 */
#define WIDGET_HERE 1
