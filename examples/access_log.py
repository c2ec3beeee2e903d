"""Convert a web server's access log, in the combined format, to views for `ymal`.

    zcat -f access.log* | python access_log.py > views.tsv

A view is a page with method GET and status 200 or 304 (the browser had it already). Left out are
clients that do not name themselves a browser, or name themselves a robot, a feed reader, a monitor
or a preview of a link; and what is no page: files, feeds, APIs, editors' pages and previews. A
reader is an IP address and a browser: a household, or an office, may be one reader.
"""

import hashlib
import re
import sys
from datetime import datetime
from typing import TextIO

LINE = re.compile(
    r'(?P<ip>\S+) \S+ .*?\[(?P<time>[^\]]+)\] "GET (?P<path>\S+)[^"]*" (200|304) \S+'
    r' "[^"]*" "(?P<agent>[^"]*)"'
)
ROBOT = re.compile(
    # what names itself
    r"bot\b|bot[/_;.-]|crawl|spider|slurp|scrap|fetch|monitor|uptime|pingdom|statuscake|site24x7|"
    r"headless|phantomjs|lighthouse|pagespeed|gtmetrix|prerender|validator|archive|wayback|"
    # previews of links
    r"facebookexternalhit|facebookcatalog|meta-external|twitterbot|slack|discord|telegram|"
    r"whatsapp|skypeuri|linkedin|pinterest|embedly|iframely|preview|unfurl|mastodon|bluesky|"
    # feed readers and podcatchers
    r"feed|rss|reader|newsblur|inoreader|feedly|miniflux|tiny tiny|netnewswire|flipboard|"
    # programs and libraries
    r"curl|wget|python|java/|okhttp|go-http|libwww|perl|ruby|php/|guzzle|node|axios|undici|"
    r"http-?client|httpx|aiohttp|scrapy|postman|insomnia|zgrab|nmap|masscan|nikto|gptbot|chatgpt|"
    r"claude|perplexity|ccbot|bytespider|google-|googleother|apis-google|mediapartners|adsbot",
    re.I,
)
BROWSER = re.compile(r"^(Mozilla|Opera|Dalvik)/\d", re.I)
NO_PAGE = re.compile(
    r"\.(css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|bmp|woff2?|ttf|otf|eot|mp[34]|"
    r"m4a|webm|m3u8|ts|pdf|zip|gz|rss|atom|webmanifest|env|sql|bak)$|"
    r"/(wp-json|wp-admin|wp-includes|wp-content|xmlrpc\.php|wp-login\.php|wp-cron\.php)(/|$)|"
    r"/(feed|feeds|rss|atom|comments/feed|oembed|graphql|api|jsonapi|_next|_nuxt|static|assets)(/|$)|"
    r"/(ghost/api|ghost|admin|user/login|robots\.txt|\.well-known|healthz?)(/|$)",
    re.I,
)
PREVIEW = re.compile(r"(^|&)(preview(_id|_nonce)?=|rest_route=|feed=|wc-ajax=|doing_wp_cron)", re.I)


def views(log: TextIO, out: TextIO) -> None:
    """Write a line for each view of a page: reader, path, time."""
    out.write("user\turl\ttime\n")
    for line in log:
        found = LINE.match(line)
        if not found or not BROWSER.match(found["agent"]) or ROBOT.search(found["agent"]):
            continue
        path, _, query = found["path"].partition("?")
        if NO_PAGE.search(path) or PREVIEW.search(query):
            continue
        reader = hashlib.sha256(f"{found['ip']} {found['agent']}".encode()).hexdigest()[:16]
        time = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").isoformat()
        out.write(f"{reader}\t{found['path']}\t{time}\n")


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    views(sys.stdin, sys.stdout)
