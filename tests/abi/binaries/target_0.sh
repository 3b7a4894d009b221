# target_0.sh - what a server with target_0.so must answer; sourced by kept.sh
thing='"id":1,"name":"Bench","seats":4,"size":null,"labels":["a"],"open":true,"created_at":"NOW"'
copied='"id":2,"name":"Copied","seats":16,"size":null,"labels":["b","c"],"open":false'

# What the log comes to hold: a job runs when it is due.
is_logged() {
	for try in $(seq 100); do
		grep -F "$1" "$folder/log" && return
		sleep 0.1
	done
	return 1
}

answers "its table makes a row" 201 "{\"thing\":{$thing}}" /target_0 '{"name":" Bench ","labels":"a"}'
answers "its table has a rule" 400 \
    '{"error":"A thing has a name.","code":"required"' /target_0 '{"seats":3}'
answers "its table has bounds" 400 '"field":"seats"' /target_0 '{"name":"Pew","seats":501}'
answers "its table lists" 200 "{\"things\":[{$thing}]}" '/target_0?name=bench'
answers "its filter has another name" 200 '{"things":[]}' '/target_0?as_large_as=x'
answers "its rows have a history" 200 '"name":[null,"Bench"]' /target_0/1/history
answers "its handler is asked" 200 "{\"asked\":{\"id\":1,\"word\":\"a b\",\"header\":\"hey\",$(
    )\"least\":\"-3\",\"as\":\"it\",\"client\":\"kept\"},\"place\":[\"main\",\"hi\",true,true,true,$(
    ){\"as\":[\"it\",\"is\"]}],\"name\":\"Bench\",\"seats\":4,\"newer\":0}" \
    '/target_0/1/echo/a%20b?least=-3'
answers "its handler fails" 404 '"error":"id: There is no thing 9."' /target_0/9/echo/x
answers "its query is checked" 400 '"field":"least"' '/target_0/1/echo/x?least=10'
answers "its handler writes" 200 \
    '{"lent":1,"days":false,"given":false,"carried":true}' /target_0/1/lend '{"to":"Ann"}'
answers "what a handler fails is undone" 422 '"error":"to: - gets nothing."' \
    /target_0/1/lend '{"to":"-"}'
answers "what was undone is gone, the rest is not" 200 \
    '{"lent":2,"days":true,"given":true,"carried":true}' \
    /target_0/1/lend '{"to":"Ann","days":2}'
answers "its step before may end a request" 400 '"error":"days: That is too long."' \
    /target_0/1/lend '{"to":"Ann","days":100}'
answers "its body is checked" 400 '"field":"to"' /target_0/1/lend '{}'
answers "its routes are documented" 200 '"operationId":"lendThing"' /openapi.json
answers "its components are documented" 200 '"Loan":{"type":"object"}' /openapi.json
answers_to() { # METHOD WHAT STATUS PART PATH [BODY]
	method=$1
	shift
	answers "$@"
	method=
}
answers_to PATCH "it makes rows, changes them and calls a service" 201 '{"copy":2}' \
    /target_0/1/copy '{"labels":["b","c"]}'
answers "what it made is there" 200 "{$copied" /target_0/2
answers_to PATCH "its hook refuses a change of its own" 409 \
    '"error":"seats: Copied has grown too fast."' /target_0/2 '{"seats":33}'
answers_to PATCH "its service fails" 409 '"error":"seats: 100 is too many."' \
    /target_0/1/copy '{"seats":50}'
answers_to POST "it answers with what is no JSON" 200 'gone' /target_0/2/label
answers "and the row is gone" 404 '' /target_0/2
answers_to POST "its hook refuses that a row goes" 409 \
    '"error":"Bench 1 of target_0 stays."' /target_0/1/label
expect "$module: its job runs" is_logged 'main: target_0: target_0 says tock'
