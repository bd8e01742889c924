"""Scrapy's settings for every source: polite, verified, bounded; nothing listens, nothing runs but the download.

Each line that differs from Scrapy's default says why. What differs by source (delay, patience, proxy) is set by
`pipeline.crawl`.
"""

BOT_NAME = "vestitor"
SPIDER_MODULES = ["spiders"]
ADDONS: dict[str, int] = {}

ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False  # an open port that runs code
REMOTE_CONTROL_ENABLED = False  # the same, new in Scrapy 2.19
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy does not verify TLS by default
DOWNLOAD_HANDLERS = dict.fromkeys(("data", "file", "ftp", "s3"))  # only http and https
DOWNLOAD_MAXSIZE = 200 * 2**20  # a TED daily package is 15-20 MB; ten times that is no package
DOWNLOAD_WARNSIZE = 0
RETRY_ENABLED = False  # `spiders._source.Source.fetch` retries, so that it can wait as long as the answer asks for
REDIRECT_MAX_TIMES = 5
REFERER_ENABLED = False
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 2  # our pipelines never await; the default of 100 starts 100 tasks per response
ASYNCIO_EVENT_LOOP = None
LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 0
TWISTED_DNS_RESOLVER = "pipeline.addresses.Resolver"  # Scrapy's follows names into private networks
DOWNLOADER_MIDDLEWARES = {
    "pipeline.gate.Gate": 60,
    "pipeline.gate.Robots": 100,
    "pipeline.recorder.Recorder": 580,  # behind decompression, before redirects: answers as the spider gets them
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the gate does it, redirects included
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
}
ITEM_PIPELINES = {"pipeline.steps.OncePerRun": 100, "pipeline.steps.Keep": 300}
EXTENSIONS = {
    "pipeline.runs.RunRecorder": 0,
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
}
