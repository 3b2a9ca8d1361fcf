#!/usr/bin/env bash
# Configures the example of build/run.sh --demo over REST, and says what to do with it. Reads NOTIFY_URL, PEERS_URL and PEERS_MAIL_PORT. What exists is left unchanged.
set -euo pipefail
api=$NOTIFY_URL/api/v1
key_file=${Notify__DataDirectory:-.data}/bootstrap.key
key=${Notify__Auth__BootstrapKey:-$(cat "$key_file" 2>/dev/null)} || { echo "There is no $key_file to read the administrator's key from." >&2; exit 1; }

call() {
    curl --silent --show-error --fail-with-body --noproxy '*' --header @<(echo "Authorization: Bearer $key") \
        --header 'X-Change-Reason: example of build/run.sh --demo' --header 'Content-Type: application/json' "$@" ||
        { echo "The example could not be configured: $*" >&2; return 1; }
}

# id_of KIND NAME: the id of the resource with exactly that name in the JSON on standard input, or nothing.
id_of() { { grep -o "\"id\":\"${1%s}-[^\"]*\",\"name\":\"$2\"" || true; } | head -n 1 | cut -d '"' -f 4; }

find() { call --get --data-urlencode "search=$2" --data pageSize=200 "$api/$1" | id_of "$1" "$2"; }

# ensure KIND NAME BODY: the id of the resource, which is created if there is none with that name.
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

# The other platforms, with the credentials in tests/Peers/OtherPlatforms.cs.
actions=''
# way TYPE NAME SETTINGS MESSAGE RECEIVERS: creates a service and its message, and adds an action that uses both.
way() {
    local service message
    service=$(ensure services "Demo $2" '{ "type": "'"$1"'", "name": "Demo '"$2"'", "'"$1"'": '"$3"' }')
    message=$(ensure messages "Demo $2 text" '{ "type": "'"$1"'", "name": "Demo '"$2"' text", '"$4"' }')
    actions+=${actions:+, }'{ "type": "'"$1"'", "serviceId": "'"$service"'", "messageId": "'"$message"'", "scheduleId": "'"$schedule"'", "receivers": '"$5"' }'
}

text='"content": "[{level}] {name}: {state}\n{path} = {value}\n{eventTime}"'
way dingtalk DingTalk '{ "bots": [{ "alias": "Line 1", "webhookUrl": "'"$PEERS_URL"'/robot/send?access_token=d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1" }] }' \
    '"format": "markdown", "content": "### {level} {name}\n\n**{state}** {path} = {value}\n\n{eventTime}"' '[{ "kind": "bot", "alias": "Line 1" }]'
way feishu Feishu '{ "bots": [{ "alias": "Line 1", "webhookUrl": "'"$PEERS_URL"'/open-apis/bot/v2/hook/f1f1f1f1-0000-4000-8000-000000000001" }] }' \
    '"format": "text", '"$text" '[{ "kind": "bot", "alias": "Line 1" }]'
way sms-twilio SMS '{ "accountSid": "AC0123456789abcdef0123456789abcdef", "authToken": "the-auth-token-of-the-stand-in-01", "from": "+15005550006", "apiBaseUrl": "'"$PEERS_URL"'" }' \
    '"content": "{level} {name} {state} {path} {value}"' '[{ "kind": "mobile", "account": "+8613800138000" }]'
way sms-aliyun 'SMS in China' '{ "accessKeyId": "LTAI5tStandIn000000demo", "accessKeySecret": "the-access-key-secret-of-the-stand-in", "endpoint": "'"$PEERS_URL"'" }' \
    '"signName": "某某水厂", "templateCode": "SMS_154950909", "parameters": { "level": "{level}", "name": "{name}", "state": "{state}" }' '[{ "kind": "mobile", "account": "+8613800138001" }]'
way email mail '{ "from": "notify@plant.example", "fromName": "Notify", "host": "127.0.0.1", "port": '"$PEERS_MAIL_PORT"', "security": "none", "userName": "notify@plant.example", "password": "the-password-of-the-stand-in" }' \
    '"format": "text", "subject": "{level}: {name}", '"$text" '[{ "kind": "address", "account": "duty@plant.example" }]'
way webhook webhook '{ "url": "'"$PEERS_URL"'/hooks/notify", "signingSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }' \
    '"format": "json", "content": "{{ \"alarm\": \"{name}\", \"level\": \"{level}\", \"path\": \"{path}\" }}"' '[{ "kind": "endpoint" }]'
ensure rules 'Demo of all ways' '{
  "name": "Demo of all ways", "description": "Critical alarms, by every other way",
  "criteria": { "states": ["ActiveUnacked"], "levels": ["Critical"] }, "actions": ['"$actions"'] }' >/dev/null

cat <<END

Notify is ready on $NOTIFY_URL. What it sends to WeCom and, for critical alarms, to the other platforms appears here:

    $PEERS_URL/

Raise an alarm:

    curl -X POST $api/alarms -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' -d '{"alarms":[{"name":"High pressure","path":"Site1/Line1","level":"Critical","value":"9.7 bar","description":"Boiler 2"}]}'

See what happened, and who configured what:

    curl '$api/audit?limit=1000' -H 'Authorization: Bearer $key'

END
