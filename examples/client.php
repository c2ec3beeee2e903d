<?php

// Related stories over HTTP, for PHP 8 with its extension curl.
//
//     require 'client.php';
//     foreach (related_stories($article->id, exclude: $seen) as $story) { ... }
//
// On the command line: php client.php ID

declare(strict_types=1);

const CONNECT_TIMEOUT_MS = 100; // the service is near; the page waits no longer
const TIMEOUT_MS = 300; // for the whole request

/**
 * Give the related stories of an article, each with id, title, url, section, reason and others
 * (docs/serving.md). Empty if the service is down or slow, so that the page still renders.
 *
 * @param list<string> $exclude ids of what the reader has seen
 * @return list<array<string, mixed>>
 */
function related_stories(string $id, int $n = 5, array $exclude = []): array
{
    $base = getenv('YMAL_URL') ?: 'http://127.0.0.1:8000';
    $url = "$base/v1/related/" . rawurlencode($id) . "?n=$n";
    foreach ($exclude as $seen) {
        $url .= '&exclude=' . rawurlencode($seen);
    }
    $request = curl_init($url);
    curl_setopt_array($request, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FAILONERROR => true, // status 400 and above
        CURLOPT_ENCODING => '', // any encoding that curl can unpack
        CURLOPT_NOSIGNAL => true, // otherwise no timeout below a second
        CURLOPT_CONNECTTIMEOUT_MS => CONNECT_TIMEOUT_MS,
        CURLOPT_TIMEOUT_MS => TIMEOUT_MS,
    ]);
    $answer = curl_exec($request);
    if ($answer === false) {
        error_log("related stories of $id: " . curl_error($request));
        return [];
    }
    return json_decode($answer, true)['items'] ?? [];
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
    echo json_encode(related_stories($argv[1]), $flags), "\n";
}
