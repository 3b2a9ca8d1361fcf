#!/usr/bin/env bash
# Configures the example of build/run.sh --demo over REST, and says what to do with it. Gets NOTIFY_URL and PEERS_URL. What exists is left as it is.
set -euo pipefail
api=$NOTIFY_URL/api/v1
key_file=${Notify__DataDirectory:-.data}/bootstrap.key
key=${Notify__Auth__BootstrapKey:-$(cat "$key_file" 2>/dev/null)} || { echo "There is no $key_file to read the administrator's key from." >&2; exit 1; }

call() {
    curl --silent --show-error --fail-with-body --noproxy '*' --header @<(echo "Authorization: Bearer $key") \
        --header 'X-Change-Reason: example of build/run.sh --demo' --header 'Content-Type: application/json' "$@" ||
        { echo "The example could not be configured: $*" >&2; return 1; }
}

# id_of KIND NAME: of the resource of exactly that name in the JSON it reads, or nothing.
id_of() { { grep -o "\"id\":\"${1%s}-[^\"]*\",\"name\":\"$2\"" || true; } | head -n 1 | cut -d '"' -f 4; }

find() { call --get --data-urlencode "search=$2" --data pageSize=200 "$api/$1" | id_of "$1" "$2"; }

# ensure KIND NAME BODY: the id of the resource, which is made when there is none of that name.
ensure() {
    local id
    id=$(find "$1" "$2")
    [ -n "$id" ] || id=$(call --data "$3" "$api/$1" | id_of "$1" "$2")
    echo "$id"
}

webhook=$PEERS_URL/cgi-bin/webhook/send?key
service=$(ensure services 'Demo WeCom' '{
  "type": "wecom", "name": "Demo WeCom", "description": "Two robots and two accounts of the stand-in",
  "wecom": {
    "sendTo": ["bot", "account"],
    "bots": [{ "alias": "Line 1", "webhookUrl": "'"$webhook"'=demo-line-1" }, { "alias": "Line 2", "webhookUrl": "'"$webhook"'=demo-line-2" }],
    "app": { "corpId": "ww00000000000demo", "agentId": 1000002, "secret": "demo-secret" },
    "accounts": [{ "account": "zhangsan", "name": "张三" }, { "account": "lisi", "name": "李四" }] } }')
message=$(ensure messages 'Demo text' '{
  "type": "wecom", "name": "Demo text", "format": "text", "content": "[{level}] {name}: {state}\n{path} = {value}\n{description}\n{eventTime}" }')
schedule=$(find schedules Default)
ensure rules 'Demo rule' '{
  "name": "Demo rule", "description": "Everything, to everyone",
  "criteria": { "states": ["ActiveUnacked", "ActiveAcked", "ClearedUnacked", "ClearedAcked"] },
  "actions": [{ "type": "wecom", "serviceId": "'"$service"'", "messageId": "'"$message"'", "scheduleId": "'"$schedule"'",
    "receivers": [{ "kind": "bot", "alias": "Line 1" }, { "kind": "bot", "alias": "Line 2" },
                  { "kind": "account", "account": "zhangsan" }, { "kind": "account", "account": "lisi" }] }] }' >/dev/null

cat <<END

Notify is ready on $NOTIFY_URL. What it sends to WeCom appears here:

    $PEERS_URL/

Raise an alarm:

    curl -X POST $api/alarms -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' -d '{"alarms":[{"name":"High pressure","path":"Site1/Line1","level":"Critical","value":"9.7 bar","description":"Boiler 2"}]}'

See what happened, and who configured what:

    curl '$api/audit?limit=1000' -H 'Authorization: Bearer $key'

END
