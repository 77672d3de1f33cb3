# casepipe's report with jq: jq -n -c -f report.jq FILE.jsonl
reduce inputs as $case ({status: {}, by: {}};
    .status[$case.status] += 1
    | .by[$case.sensor_id | tostring] |= (
        $case.value as $value | $case.timestamp as $time
        | if . == null then [1, $value, $value, $value, $value * $value, $time, $time]
          else [.[0] + 1,
                (if $value < .[1] then $value else .[1] end),
                (if $value > .[2] then $value else .[2] end),
                .[3] + $value,
                .[4] + $value * $value,
                (if $time < .[5] then $time else .[5] end),
                (if $time > .[6] then $time else .[6] end)]
          end))
| {status,
   sensors: [.by | to_entries[] | (.key | tonumber) as $id | .value as $s | ($s[3] / $s[0]) as $mean
             | [$id, $s[0], $s[1], $s[2], $mean,
                (if $s[0] < 2 then null else ($s[4] - $s[3] * $mean) / ($s[0] - 1) | sqrt end),
                $s[5], $s[6]]]
            | sort}
