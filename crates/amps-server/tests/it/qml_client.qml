// A Downloads app without its window: says hello, logs in, lists, buys and downloads, as a device does it, and prints every answer as a line of JSON.
//
// Parameters go into the query as they stand; what `XMLHttpRequest` makes of them is what a server gets. So do cookies: nothing here looks at them.
// The arguments behind `--` are the server's URL, a user, a password, and what `hello` is to say.

import QtQuick

Item {
    readonly property var words: Qt.application.arguments.slice(Qt.application.arguments.indexOf("--") + 1)
    readonly property string server: words[0]

    function call(path, parameters, then) {
        let url = path.startsWith("http") ? path : server + path
        let separator = "?"
        for (const name in parameters) {
            url += separator + name + "=" + parameters[name]
            separator = "&"
        }
        const request = new XMLHttpRequest()
        request.open("GET", url)
        request.onreadystatechange = function() {
            if (request.readyState !== XMLHttpRequest.DONE)
                return
            const isJson = (request.getResponseHeader("content-type") || "").startsWith("application/json")
            const body = isJson ? JSON.parse(request.responseText) : request.responseText.length
            console.log(JSON.stringify({ path: path, status: request.status, body: body }))
            then(body)
        }
        request.send()
    }

    function buy(apps, then) {
        if (apps.length === 0)
            return then()
        const app = apps[0]
        call("/app/purchase", { "id": app.id, "device_id": "car 4711", "purchaseId": app.purchaseId }, function(purchase) {
            call(purchase.url, {}, function() { buy(apps.slice(1), then) })
        })
    }

    // Only a client that fails waits that long.
    Timer {
        interval: 60000
        running: true
        onTriggered: Qt.exit(1)
    }

    Component.onCompleted: {
        const greeting = { "platform": "NEPTUNE3", "version": 2 }
        for (const word of words.slice(3)) {
            const equals = word.indexOf("=")
            greeting[word.slice(0, equals)] = word.slice(equals + 1)
        }
        call("/app/purchase", { "id": "native" }, function() {
            call("/hello", greeting, function() {
                call("/login", { "username": words[1], "password": words[2] }, function() {
                    call("/category/list", {}, function() {
                        call("/app/list", { "category_id": -1, "filter": "" }, function(apps) {
                            buy(apps, function() { call("/logout", {}, function() { Qt.quit() }) })
                        })
                    })
                })
            })
        })
    }
}
