using Marten;
using Notify.Host.Operating;
using Notify.Host.Shell;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;

namespace Notify.Host;

public static class NotifyApplication
{
    /// <summary>The whole application on one PostgreSQL (<c>ConnectionStrings:Notify</c>).</summary>
    /// <param name="replace">Lets a test replace services, such as the clock.</param>
    public static WebApplication BuildNotify(this WebApplicationBuilder builder, Action<IServiceCollection>? replace = null)
    {
        builder.AddStorage();
        builder.AddMessaging();
        builder.AddOperation();
        builder.Services.AddModules(builder.Configuration);
        builder.AddConsole();
        builder.Services.ConfigureMarten((provider, options) => options.UseLeanEventTables(provider.GetRequiredService<EventCatalog>()));
        builder.Services.AddOpenApiDocument();
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StartTurn>());
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseRequestPipeline();
        app.MapModules();
        app.MapOperation();
        if (app.Configuration.GetValue(ConsolePages.Setting, true)) app.MapConsole();
        app.MapOpenApiDocument();
        MakeEndpoints(app);
        app.CheckPermissions();
        app.TellOfAddresses();
        return app;
    }

    /// <summary>
    /// Creates the endpoints once, after all are mapped. A route group would create its endpoints again, and compile code for every one, for each
    /// reader of them (the check, authorization, routing).
    /// </summary>
    private static void MakeEndpoints(IEndpointRouteBuilder routes)
    {
        var made = new DefaultEndpointDataSource(routes.DataSources.SelectMany(x => x.Endpoints).ToList());
        routes.DataSources.Clear();
        routes.DataSources.Add(made);
    }
}
