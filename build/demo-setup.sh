#!/usr/bin/env bash
# Configures the example of build/run.sh --demo. Gets NOTIFY_URL and PEERS_URL.
set -euo pipefail
